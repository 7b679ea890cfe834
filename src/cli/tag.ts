import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.js';
import { toHint } from '../config/did-you-mean.js';
import { resolveSmoothing } from '../config/smoothing.js';
import { ConfigError, isOutOfRoom } from '../errors.js';
import { type Model, readModel } from '../infer/model.js';
import { findFfmpeg } from '../ingest/ffmpeg-build.js';
import { isLiveUrl, type LiveLocation, readLiveUrl } from '../ingest/live-location.js';
import { readHeader } from '../ingest/source-header.js';
import { resolveSources, type Source, type SourceFailure } from '../ingest/sources.js';
import { createLog, type Log } from '../log.js';
import type { Rig } from '../tag-file.js';
import { chooseDecoder } from './choose-decoder.js';
import { locateJournal, removeJournal } from './journal-place.js';
import { EXIT_USAGE, toMessage } from './messages.js';
import { toResumeCommand } from './resume-command.js';
import { Screen } from './screen.js';
import { StopSignals } from './stop-signals.js';
import type { TagFlags } from './tag-flags.js';
import { runTag } from './tag-run.js';
import { isColourWanted } from './terminal-look.js';

/** What is known of a run before anything is started. */
export interface TagPlan extends Omit<Rig, 'tagger' | 'batcher' | 'slots' | 'journal'> {
  readonly sources: readonly Source[];
  /** The arguments that cannot be used. */
  readonly refused: readonly SourceFailure[];
  readonly parallel: number;
  readonly live: readonly LiveLocation[];
  /** Of labelcast. */
  readonly version: string;
}

/** What the command line adds to the flags. */
interface TagSetting {
  readonly modelDir: string;
  readonly version: string;
  /** The flag that names labels, as it is typed. */
  readonly labelsFlag?: string;
}

/**
 * `labelcast tag`: resolves to the exit status. Throws ConfigError, InferError or PublishError, before anything is
 * started, when the flags, the config, the model or the journal cannot be used.
 */
export async function tag(
  args: readonly string[],
  flags: TagFlags & TagSetting,
  config: Config,
): Promise<number> {
  using screen = new Screen(process.stderr);
  const say = screen.print;
  const log = createLog({
    level: flags.logLevel,
    format: flags.logFormat,
    colour: isColourWanted(process.stderr, process.env),
    print: say,
  });
  const plan = await planTag(args, flags, config, { log, say });
  if (plan === null) return EXIT_USAGE;
  const place = locateJournal(flags, config.journal.path);
  using stop = new StopSignals(() =>
    say('stopping: what is under way is being finished; once more stops at once'),
  );
  let status: number | null;
  try {
    status = await runTag(plan, { flags, place, stop, screen });
  } catch (error) {
    // refused before anything was written: there is nothing to go on with
    removeJournal(place);
    if (stop.status === null || !isOutOfRoom(error)) throw error;
    say(`error: ${toMessage(error)}`);
    return stop.status;
  }
  if (status === null) {
    removeJournal(place);
    return stop.status!; // a signal gives one
  }
  // 2: no camera gave a picture, so there is nothing to go on with either
  if (status === 0 || status === EXIT_USAGE) removeJournal(place);
  else if (place.isPrivate || stop.status !== null)
    say(`to go on: ${toResumeCommand(process.argv.slice(2), place)}`);
  return status;
}

/**
 * What is known before anything is started; null, which is said, when no source can be used. Throws ConfigError, InferError or
 * IngestError.
 */
export async function planTag(
  args: readonly string[],
  flags: Pick<TagFlags, 'labels' | 'live'> & TagSetting,
  config: Config,
  { log, say }: { readonly log: Log; readonly say: (text: string) => void },
): Promise<TagPlan | null> {
  const model = await readModel(flags.modelDir);
  const labels = chooseLabels(model, flags.labels, flags.labelsFlag);
  const names = labels.map((label) => label.name);
  const smoothing = resolveSmoothing(model.manifest, config.smoothing, names);
  const build = await findFfmpeg(config.ffmpeg.path ?? null, process.env);
  if (build.warning !== null) log.warn(build.warning);
  const hardware = await chooseDecoder(config, build, log);
  const isLive = (arg: string) => isLiveUrl(arg) || (flags.live === true && /^https?:/i.test(arg));
  const live = toLiveLocations(args.filter(isLive));
  const { sources, failures } = await resolveSources(
    args.filter((arg) => !isLive(arg)),
    process.cwd(),
  );
  for (const { error } of failures) say(`error: ${toMessage(error)}`);
  const rest = {
    config,
    log,
    model,
    labels,
    smoothing,
    build,
    hardware,
    fps: config.sampling.fps ?? model.manifest.fps,
    version: flags.version,
  };
  const parallel = config.files.parallel ?? Math.min(8, Math.max(2, availableParallelism()));
  if (live.length === 0 && !(await isAnyUsable(sources, build, say))) return null;
  return { ...rest, sources, live, refused: failures, parallel };
}

/** Each once. Throws IngestError for an address that is none. */
function toLiveLocations(args: readonly string[]): LiveLocation[] {
  const locations = args.map(readLiveUrl);
  return [...new Map(locations.map((location) => [location.streamId, location])).values()];
}

/** Whether one source at least can be opened; says why not of all, when none can. */
async function isAnyUsable(
  sources: readonly Source[],
  build: Rig['build'],
  say: (text: string) => void,
): Promise<boolean> {
  const errors: unknown[] = [];
  for (const source of sources) {
    try {
      await readHeader(source, build, new AbortController().signal);
      return true;
    } catch (error) {
      errors.push(error);
    }
  }
  for (const error of errors) say(`error: ${toMessage(error)}`);
  say('nothing to tag: no source is usable');
  return false;
}

function chooseLabels(model: Model, wanted: readonly string[] | undefined, flag = '--labels'): Rig['labels'] {
  const all = model.info.labels.map((name, index) => ({ name, index }));
  if (wanted === undefined) return all;
  const unknown = wanted.filter((name) => !model.info.labels.includes(name));
  if (unknown.length > 0) {
    const issues = unknown.map(
      (name) => `${name} is no label of ${model.info.name}${toHint(name, model.info.labels)}`,
    );
    throw new ConfigError(`${flag} asks for what the model lacks`, issues, {
      remedy: `its ${model.info.labels.length} labels are in its manifest.json`,
    });
  }
  return all.filter(({ name }) => wanted.includes(name));
}
