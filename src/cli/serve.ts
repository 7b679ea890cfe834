import type { Config } from '../config/config.js';
import { resolveSmoothing } from '../config/smoothing.js';
import { ConfigError, isOutOfRoom } from '../errors.js';
import { readModel } from '../infer/model.js';
import { findFfmpeg } from '../ingest/ffmpeg-build.js';
import { createLog } from '../log.js';
import type { LogLevel } from '../log-levels.js';
import { runService, toJournalFile } from '../serve/service.js';
import { chooseDecoder } from './choose-decoder.js';
import { toMessage } from './messages.js';
import { checkFiles, checkModel, toCheckReport, toNoSinkNote, toVerdict } from './serve-check.js';
import { StopSignals } from './stop-signals.js';
import { isColourWanted } from './terminal-look.js';

/** The flags of `labelcast serve`. */
export interface ServeFlags {
  readonly check?: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
}

/**
 * `labelcast serve`: resolves to the exit status once a signal has stopped it, or 1 when it cannot go on. Throws
 * ConfigError, InferError or PublishError when it cannot start.
 */
export async function serve(
  config: Config,
  { flags, modelDir, version }: { flags: ServeFlags; modelDir: string; version: string },
): Promise<number> {
  const colour = isColourWanted(process.stderr, process.env);
  const log = createLog({ level: flags.logLevel, format: flags.logFormat, colour });
  if (config.streams.length === 0)
    throw new ConfigError('there is nothing to watch', ['streams: the list is empty'], {
      remedy: 'name a config file with streams: labelcast serve -c labelcast.yaml',
    });
  const model = await readModel(modelDir);
  const labels = model.info.labels.map((name, index) => ({ name, index }));
  const smoothing = resolveSmoothing(model.manifest, config.smoothing, model.info.labels);
  const build = await findFfmpeg(config.ffmpeg.path ?? null, process.env);
  if (flags.check) {
    const journalFile = toJournalFile(config);
    checkFiles(config, journalFile);
    await checkModel(model, config);
    process.stdout.write(toVerdict(config, model));
    process.stderr.write(toCheckReport(config, model, journalFile));
    return 0;
  }
  if (build.warning !== null) log.warn(build.warning);
  const hardware = await chooseDecoder(config, build, log);
  if (config.sinks.length === 0) log.info(toNoSinkNote(toJournalFile(config)));
  const fps = config.sampling.fps ?? model.manifest.fps;
  using stop = new StopSignals(() => log.info('stopping; once more stops at once'));
  const plan = { config, log, model, labels, smoothing, build, hardware, fps, version };
  let isReady = false;
  const told = {
    listening: (address: string) => log.info({ address }, 'listening'),
    ready: () => void (isReady = true),
  };
  try {
    await runService(plan, told, stop.signal);
  } catch (error) {
    const stopped = isOutOfRoom(error) ? stop.status : null; // the disk was full to the end
    if (!isReady && stopped === null) throw error;
    log.error(toMessage(error));
    return stopped ?? 1;
  }
  return stop.status ?? 0;
}
