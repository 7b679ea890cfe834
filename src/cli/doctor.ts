import type { Config, SinkConfig } from '../config/config.js';
import { findFfmpeg } from '../ingest/ffmpeg-build.js';
import { toJournalFile } from '../serve/service.js';
import { checkDecoding } from './doctor/check-decoding.js';
import { checkDisks } from './doctor/check-disks.js';
import { checkFfmpeg } from './doctor/check-ffmpeg.js';
import { checkJournal } from './doctor/check-journal.js';
import { checkKafka } from './doctor/check-kafka.js';
import { checkModel } from './doctor/check-model.js';
import { checkNode } from './doctor/check-node.js';
import { checkPort } from './doctor/check-port.js';
import { checkStreams } from './doctor/check-streams.js';
import { attempt, type Finding, warn } from './doctor/finding.js';
import { printFinding, toVerdict } from './doctor/finding-lines.js';
import { toSinkConfigs } from './tag-sinks.js';

/** The flags of `labelcast doctor`. */
export interface DoctorFlags {
  readonly json?: boolean;
  /** Open each stream of the config. */
  readonly streams?: boolean;
  /** In place of journal.path. */
  readonly journal?: string;
  /** HOST:PORT of brokers that are looked at too. */
  readonly kafka?: readonly string[];
  /** The file of the config. */
  readonly config?: string;
}

interface Patient {
  readonly flags: DoctorFlags;
  readonly modelDir: string;
  /** Of labelcast. */
  readonly version: string;
  readonly out: NodeJS.WriteStream;
}

/**
 * Checks everything a run with this config needs and says how to mend what is wrong; nothing is changed, here or at the
 * brokers. Resolves to the exit status; rejects with the signal's reason as soon as it aborts, whatever is still under way.
 */
export async function doctor(
  config: Config,
  { flags, modelDir, version, out }: Patient,
  signal: AbortSignal,
): Promise<number> {
  const print = flags.json ? () => {} : (finding: Finding) => printFinding(finding, out);
  const findings: Finding[] = [];
  for (const checked of examine(config, { flags, modelDir }, signal)) {
    const some = await orAborted(checked, signal);
    findings.push(...some);
    some.forEach(print);
  }
  const platform = `${process.platform} ${process.arch}`;
  if (flags.json)
    out.write(`${JSON.stringify({ version, node: process.versions.node, platform, findings })}\n`);
  else if (out.isTTY) out.write(`${toVerdict(findings)}\n`);
  return findings.some(({ status }) => status === 'fail') ? 1 : 0;
}

/**
 * All checks side by side, in the order in which they are told; but while the provider is timed no ffmpeg runs, and no copy
 * of the journal takes room from the disks.
 */
function examine(
  config: Config,
  { flags, modelDir }: Pick<Patient, 'flags' | 'modelDir'>,
  signal: AbortSignal,
): Promise<readonly Finding[]>[] {
  const setting = flags.journal === undefined ? 'journal.path' : '--journal';
  const path = toJournalFile(
    flags.journal === undefined ? config : { ...config, journal: { ...config.journal, path: flags.journal } },
  );
  const { streams, sinks, http } = config;
  const isNamed = streams.length > 0 || config.journal.path !== undefined || flags.journal !== undefined;
  const build = findFfmpeg(config.ffmpeg.path ?? null, process.env);
  const ffmpeg = attempt('ffmpeg', async () => checkFfmpeg(await build, config));
  const destinations = toSinkConfigs({ output: undefined, kafka: flags.kafka, sinks, journalFile: path });
  const decoding = ffmpeg.then(() =>
    attempt('decoding', async () => checkDecoding(config.decoding, await build.catch(() => null))),
  );
  const model = decoding.then(() => checkModel(config, modelDir));
  const ready = model.then(() => build).catch(() => null);
  const journal = attempt('journal', async () => [await checkJournal({ path, setting }, isNamed)]);
  return [
    attempt('node', () => [checkNode(process.version, `${process.platform} ${process.arch}`, new Date())]),
    ffmpeg,
    decoding,
    model,
    journal,
    attempt('disk', async () => {
      await journal; // its copy is gone by then
      return checkDisks(config, path);
    }),
    ...(flags.config === undefined
      ? []
      : [attempt('port', async () => [await checkPort(http.host, http.port)])]),
    ...destinations
      .filter(({ kafka }) => kafka !== undefined)
      .map((sink) => attempt('sink', () => checkKafka(toShown(sink), streams.length > 0))),
    ...(flags.streams ? checkStreams(streams, ready, signal) : []),
    ...(flags.streams && streams.length === 0
      ? [Promise.resolve([warn('stream', NO_STREAMS, NAME_THEM)])]
      : []),
  ];
}

const NO_STREAMS = 'there are no streams to open';
const NAME_THEM = 'name a configuration that has some: labelcast doctor -c labelcast.yaml --streams';

/** A sink of a flag under the name of that, which none of the config can have. */
function toShown(sink: SinkConfig): SinkConfig {
  return sink.name?.startsWith('kafka:') ? { ...sink, name: '--kafka' } : sink;
}

/** What `work` comes to, or the signal's reason as soon as it aborts. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
