import { join } from 'node:path';
import { watchClock } from '../clock-drift.js';
import { isOutOfRoom } from '../errors.js';
import { Batcher } from '../infer/batcher.js';
import { openTagger } from '../infer/tagger-host.js';
import type { LiveLocation } from '../ingest/live-location.js';
import { openJournal } from '../publish/journal.js';
import { SinkRelays } from '../publish/sink-relays.js';
import { waitForRoom } from '../serve/room-log.js';
import { writeSegmentsCsv } from '../publish/segments-csv.js';
import { type FileOutcome, recordUnusable, type Rig, tagFile } from '../tag-file.js';
import { openedUnless, toTaggerOptions } from '../tagger-options.js';
import { EXIT_PIPE, EXIT_USAGE, toMessage, toPrintable } from './messages.js';
import { Progress, type SourceProgress } from './progress.js';
import { type JournalPlace, prepareJournal } from './journal-place.js';
import type { Screen } from './screen.js';
import { chooseOutput } from './output-choice.js';
import { QUEUE_CAPACITY, toSlots } from './slots.js';
import { segmentsOf } from './run-segments.js';
import { StandardOutput } from './standard-output.js';
import type { StopSignals } from './stop-signals.js';
import type { TagPlan } from './tag.js';
import { type LiveLimits, type LiveSourceListener, tagLive } from './tag-live.js';
import type { TagFlags } from './tag-flags.js';
import type { TagOutput } from './tag-output.js';
import { TagMetrics } from './tag-metrics.js';
import { writeTagReport } from './tag-report.js';
import { toSinkConfigs } from './tag-sinks.js';
import { toLook } from './terminal-look.js';

interface RunContext {
  readonly flags: TagFlags;
  readonly place: JournalPlace;
  readonly stop: StopSignals;
  readonly screen: Screen;
}

/**
 * Tags all sources of a plan and resolves to the exit status; null: a signal came before anything was begun. Throws
 * PublishError or InferError when the journal, the output folder or the tagger cannot be opened.
 */
export async function runTag(
  plan: TagPlan,
  { flags, place, stop, screen }: RunContext,
): Promise<number | null> {
  const say = screen.print;
  const { file: journalFile } = place;
  const { config, model, log } = plan;
  const { output: folder, kafka } = flags;
  const counted = flags.metricsPort === undefined ? null : new TagMetrics(journalFile, plan.version);
  const metrics = counted?.metrics ?? null;
  // before all else: where the port is taken nothing is started
  await using server = (await counted?.listen(flags.metricsPort!, config.http.token)) ?? null;
  if (server !== null) say(`metrics at ${server.url}/metrics`);
  if (flags.progress) screen.show(['getting the model ready']);
  const opening = openTagger({
    model,
    signal: stop.signal,
    ...toTaggerOptions(config, log, (now) => metrics?.running(now.model.info, now.provider)),
    isForFilesOnly: plan.live.length === 0,
    onRestart: (reason, message) => {
      metrics?.taggerRestarted(reason);
      log.warn({ reason }, `${message}; it is being restarted, files wait and lose no frame`);
    },
    onShrink: (now) => log.warn(now, 'memory is short: batches are smaller now'),
  });
  await using host = await openedUnless(stop.signal, opening);
  if (host === null) return null;
  const tagger = metrics?.observeTagger(host) ?? host;
  metrics?.running(host.model.info, host.provider);
  if (counted !== null) counted.tagger = host;
  // not before: a run without a tagger leaves what is there as it is
  await prepareJournal(place, flags);
  const over = new AbortController();
  const patience = waitForRoom(
    {
      log,
      meanwhile: toMeanwhile(plan),
      blocked: (why) => counted?.journalBlocked(why),
    },
    AbortSignal.any([stop.signal, over.signal]),
  );
  await using journal = await openJournal({ path: journalFile, patience });
  const liveIds = plan.live.map(({ streamId }) => streamId);
  await using sinks = new SinkRelays({
    journal,
    liveIds,
    isPatient: false,
    anew: 'start anew with --fresh',
    onTrouble: (sink, error) =>
      log.warn({ sink }, `${toMessage(error)}; events wait in the journal meanwhile`),
    onRecovered: (sink, pending) =>
      log.info({ sink }, `delivering again${pending === 0 ? '' : `; ${pending} events are still to come`}`),
    // at once: a camera may be watched for days before the end tells what is left
    onStopped: (sink, error) =>
      log.warn({ sink }, `${toMessage(error)}; nothing is delivered any more, events stay in the journal`),
    onWarning: (sink, message) => log.warn({ sink }, message),
    ...(metrics === null
      ? {}
      : { observe: (sink, standing) => metrics.delivery.observeSink(sink, standing) }),
  });
  using _over = { [Symbol.dispose]: () => over.abort() }; // before what a relay waits for is waited for
  if (counted !== null) counted.sinks = sinks;
  for (const sink of toSinkConfigs({ output: folder, kafka, sinks: config.sinks, journalFile }))
    await sinks.add(sink);
  const { maxSize: maxBatch, maxDelayMs } = config.batching;
  const batcher = new Batcher({
    tagger,
    maxBatch,
    maxDelayMs,
    capacity: QUEUE_CAPACITY,
    ...(metrics === null ? {} : { observer: metrics.queue }),
  });
  await using _closing = { [Symbol.asyncDispose]: () => batcher.close() };
  const observed = metrics?.delivery.observeJournal(journal) ?? journal;
  const rig: Rig = { ...plan, model: host.model, tagger, batcher, slots: toSlots(tagger), journal: observed };
  using _clock = plan.live.length === 0 ? null : watchClock(log);
  using pipe = new StandardOutput();
  const labels = plan.labels.map(({ name }, n) => ({ name, enter: plan.smoothing.thresholds[n]!.enter })); // one per label
  const output = chooseOutput(plan.live, { flags, journal, pipe, screen, labels });
  const unsubscribe = journal.onCommit(() => output.committed());
  using progress = new Progress({
    screen,
    look: toLook(process.stderr, process.env),
    files: plan.sources.length,
    cameras: plan.live.length,
    isWanted: flags.progress,
  });
  const signal = AbortSignal.any([stop.signal, pipe.closed]);
  pipe.closed.addEventListener('abort', () => over.abort(), { once: true });
  try {
    for (const refused of plan.refused) await recordUnusable(refused, refused.error, rig);
    const outcomes = await tagAll(
      rig,
      plan,
      { output, progress, counted, say, limits: toLimits(flags), over },
      signal,
    );
    const unopened = outcomes.filter(({ epoch }) => epoch === null).map(({ source }) => source);
    await output.unopened(new Set([...plan.refused, ...unopened].map(({ streamId }) => streamId)));
    const undelivered = await sinks.flush(AbortSignal.timeout(flags.deliverTimeout * 1000));
    for (const reason of undelivered) say(`error: ${toMessage(reason)}`);
    if (folder !== undefined)
      await writeSegmentsCsv(join(folder, 'segments.csv'), await segmentsOf(outcomes, journal));
    const unwritten = folder === undefined ? [] : await writeTagReport(folder, { ...plan, journal }, signal);
    for (const reason of unwritten) say(`error: ${toMessage(reason)}`);
    if (pipe.failure !== null) {
      say(`error: standard output cannot be written (${pipe.failure.code}); make room there and go on`);
      return 1;
    }
    if (pipe.closed.aborted) return EXIT_PIPE;
    if (stop.status !== null) return stop.status;
    if (isAllVain(plan, outcomes)) return EXIT_USAGE;
    return conclude(plan, outcomes, say) && undelivered.length + unwritten.length === 0 ? 0 : 1;
  } catch (error) {
    // the run had begun: what is committed stays, and can be gone on with
    say(`error: ${toMessage(error)}`);
    return isOutOfRoom(error) ? (stop.status ?? 1) : 1;
  } finally {
    unsubscribe();
  }
}

/** What happens to the sources while the journal waits for room. */
function toMeanwhile({ sources, live }: TagPlan): string {
  const pictures = 'pictures of cameras are dropped';
  if (live.length === 0) return 'tagging waits';
  return sources.length === 0 ? pictures : `files wait and ${pictures}`;
}

interface Reporting {
  readonly output: TagOutput;
  readonly progress: Progress;
  /** Null: nothing is counted. */
  readonly counted: TagMetrics | null;
  readonly say: (text: string) => void;
  readonly limits: LiveLimits;
  /** Aborted once nothing goes on, so that nobody waits for room. */
  readonly over: AbortController;
}

function toLimits({ duration, giveUpAfter }: TagFlags): LiveLimits {
  return {
    durationMs: duration === undefined ? null : duration * 1000,
    giveUpAfterMs: giveUpAfter * 1000,
  };
}

/** Tags some files at a time; a journal that takes no more ends all of them, then throws. */
async function tagAll(
  rig: Rig,
  plan: TagPlan,
  { output, progress, counted, say, limits, over }: Reporting,
  signal: AbortSignal,
): Promise<FileOutcome[]> {
  const either = AbortSignal.any([signal, over.signal]);
  const outcomes: FileOutcome[] = [];
  const waiting = plan.sources.entries();
  const listenFor = (source: SourceProgress): LiveSourceListener => ({
    opened: (identity) => {
      counted?.opened(identity);
      output.opened(identity);
    },
    begun: (view) => source.begun(view),
    advanced: (_, ptsMs) => source.advanced(ptsMs),
    decoder: (streamId, decoder) => counted?.metrics.decoding(streamId, decoder),
    connection: (state) => source.connection(state),
  });
  const conclude = async (n: number, shown: SourceProgress, outcome: FileOutcome): Promise<void> => {
    progress.end(shown);
    if (outcome.error !== null) say(`error: ${toMessage(outcome.error)}`);
    outcomes[n] = outcome;
    await counted?.ended(outcome);
    await output.finished(n, outcome);
  };
  const work = async (): Promise<void> => {
    for (const [n, source] of waiting) {
      if (either.aborted || rig.tagger.state === 'failed') return;
      const shown = progress.begin(source.names[0]!, 'file');
      await conclude(n, shown, await tagFile(source, rig, listenFor(shown), either));
    }
  };
  const watch = async (location: LiveLocation, n: number): Promise<void> => {
    const shown = progress.begin(location.name, 'live');
    const reporting = {
      listener: listenFor(shown),
      limits,
      counted: counted?.addLive(location.streamId) ?? null,
    };
    await conclude(plan.sources.length + n, shown, await tagLive(location, rig, reporting, either));
  };
  const workers = [...plan.live.map(watch), ...Array.from({ length: plan.parallel }, work)].map((one) =>
    one.catch((error: unknown) => (over.abort(), Promise.reject(error))),
  );
  const failure = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return Object.values(outcomes); // without those that a stop left out
}

/** Cameras alone, of which none gave a picture. */
function isAllVain({ sources }: TagPlan, outcomes: readonly FileOutcome[]): boolean {
  return sources.length === 0 && outcomes.length > 0 && outcomes.every(({ isVain }) => isVain === true);
}

/** Says which sources failed; whether none did. */
function conclude(
  { refused, sources }: TagPlan,
  outcomes: readonly FileOutcome[],
  say: (text: string) => void,
): boolean {
  const failed = outcomes
    .filter(({ status }) => status !== 'completed')
    .map(({ source }) => source.names[0]!);
  const begun = new Set(outcomes.map(({ source }) => source.streamId));
  const left = sources.filter(({ streamId }) => !begun.has(streamId)).map(({ names }) => names[0]!);
  const names = [...refused.map(({ name }) => name), ...failed].map(toPrintable);
  if (names.length > 0) say(`failed: ${names.join(', ')}`);
  if (left.length > 0)
    say(`not begun: ${left.map(toPrintable).join(', ')}; the same command with --resume goes on`);
  return names.length + left.length === 0;
}
