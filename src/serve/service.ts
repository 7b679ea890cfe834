import { setTimeout as wait } from 'node:timers/promises';
import { resolve } from 'node:path';
import { watchClock } from '../clock-drift.js';
import { type Config, type StreamConfig, toSinkName } from '../config/config.js';
import { InferError, isStreamRefusal, PublishError } from '../errors.js';
import { Batcher } from '../infer/batcher.js';
import { openTagger } from '../infer/tagger-host.js';
import { type LiveRig, type LiveStreamListener, watchLiveStream } from '../live-stream.js';
import { Metrics } from '../metrics.js';
import { openJournal } from '../publish/journal.js';
import { startRetention } from '../publish/retention.js';
import { SinkRelays } from '../publish/sink-relays.js';
import { openedUnless, toTaggerOptions } from '../tagger-options.js';
import { redactUrl } from '../redact.js';
import { openHttpServer } from './http.js';
import { problemsOf, type RunState } from './readiness.js';
import { toRetentionListener } from './retention-log.js';
import { waitForRoom } from './room-log.js';

/** What is known before anything is started. */
export type ServicePlan = Omit<LiveRig, 'tagger' | 'batcher' | 'journal'> & { readonly version: string };

/** Frames of each stream that may wait, unless it says otherwise. */
const QUEUE_CAPACITY = 2;
const STREAM_RESTART_MS = 5000;
const DELIVER_MS = 10_000;

/**
 * Runs the service until `signal` aborts; then stops the streams, whose open segments go on in the next run, and gives the
 * sinks 10 s for what is left. Throws ConfigError, InferError or PublishError when it cannot start, when the journal
 * or the tagger is lost for good, or when the journal refuses the last stream. A stream that fails never touches another.
 */
export async function runService(
  plan: ServicePlan,
  told: { listening(address: string): void; ready(): void },
  signal: AbortSignal,
): Promise<void> {
  const { config, model, log } = plan;
  const journalFile = toJournalFile(config);
  const metrics = new Metrics(journalFile, plan.version);
  const over = new AbortController();
  const state: RunState = { tagger: null, sinks: null, blocked: null };
  // before the journal: where the port is taken no empty one is left behind
  await using server = await openHttpServer(config.http, {
    notReady: () => problemsOf(state),
    metrics,
  });
  const patience = waitForRoom(
    {
      log,
      meanwhile: 'pictures are dropped and labels go unseen',
      blocked: (why) => {
        state.blocked = why;
        metrics.delivery.blocked(why !== null);
      },
    },
    AbortSignal.any([signal, over.signal]),
  );
  await using journal = await openJournal({ path: journalFile, setting: 'journal.path', patience });
  const relays = new SinkRelays({
    journal,
    liveIds: config.streams.map(({ id }) => id),
    anew: 'give the sink another name, under which it begins anew',
    isPatient: true, // the cameras and the other sinks do not wait for a login
    onTrouble: (sink, error) => log.warn({ sink }, toTrouble(error)),
    onRecovered: (sink, pending) =>
      log.info({ sink }, `delivering again${pending === 0 ? '' : `; ${pending} events are still to come`}`),
    onStopped: (sink, error) =>
      log.error(
        { sink },
        `${error.message}; nothing is delivered any more: ${error.remedy ?? 'start again'}`,
      ),
    onWarning: (sink, message) => log.warn({ sink }, message),
    observe: (sink, standing) => metrics.delivery.observeSink(sink, standing),
  });
  state.sinks = relays;
  told.listening(server.url);
  await using _relays = relays;
  using _over = { [Symbol.dispose]: () => over.abort() }; // before what a relay waits for is waited for
  for (const sink of config.sinks) await relays.add(sink);
  await using _retention = startRetention({
    journal,
    policy: { ...config.journal, maxBytes: config.journal.maxBytes ?? null },
    sinks: config.sinks.map(toSinkName),
    told: toRetentionListener(config.journal.maxBytes ?? null, metrics, log),
  });
  const opening = openTagger({
    model,
    signal,
    ...toTaggerOptions(config, log, (now) => metrics.running(now.model.info, now.provider)),
    onRestart: (reason, message) => {
      metrics.taggerRestarted(reason);
      log.warn({ reason }, `${message}; it is being restarted`);
    },
    onShrink: (now) => log.warn(now, 'memory is short: batches are smaller now'),
  });
  await using host = await openedUnless(signal, opening);
  if (host === null) return;
  const tagger = metrics.observeTagger(host);
  metrics.running(host.model.info, host.provider);
  state.tagger = host;
  const { maxSize: maxBatch, maxDelayMs } = config.batching;
  const batcher = new Batcher({
    tagger,
    maxBatch,
    maxDelayMs,
    capacity: QUEUE_CAPACITY,
    observer: metrics.queue,
  });
  await using _batcher = { [Symbol.asyncDispose]: () => batcher.close() };
  const rig: LiveRig = {
    ...plan,
    model: host.model,
    tagger,
    batcher,
    journal: metrics.delivery.observeJournal(journal),
  };
  using _clock = watchClock(log);
  log.info({ streams: config.streams.length, provider: host.provider.effective }, 'watching');
  told.ready();
  await watchAll(config.streams, rig, metrics, { signal, over });
  for (const reason of await relays.flush(AbortSignal.timeout(DELIVER_MS)))
    log.warn(reason instanceof PublishError ? toFailure(reason) : toText(reason));
}

/** The journal of a service. */
export function toJournalFile({ journal }: Config): string {
  return resolve(journal.path ?? 'labelcast.db');
}

/** All streams side by side, each again and again; the first loss that concerns all ends them, and so does the last refusal. */
async function watchAll(
  streams: readonly StreamConfig[],
  rig: LiveRig,
  metrics: Metrics,
  { signal, over }: { readonly signal: AbortSignal; readonly over: AbortController },
): Promise<void> {
  const stop = new AbortController();
  const onAbort = () => stop.abort('pause');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const results = await Promise.allSettled(
    streams.map((stream) =>
      watchOne(stream, rig, metrics, stop.signal).catch((error: unknown) => {
        over.abort(); // the others are not to wait for room
        stop.abort('pause');
        throw error;
      }),
    ),
  );
  signal.removeEventListener('abort', onAbort);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const ends = results.map((result) => (result.status === 'fulfilled' ? result.value : null));
  if (ends.every((refusal) => refusal !== null)) throw ends[0];
}

/** Resolves to why the journal takes no more of this stream; null: it was stopped. Throws what concerns all streams. */
async function watchOne(
  { id: streamId, url, tags, fps }: StreamConfig,
  rig: LiveRig,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<PublishError | null> {
  const name = redactUrl(url);
  const stream = { streamId, url, name, sourceUri: name, tags, fps, giveUpAfterMs: null };
  metrics.addStream(streamId);
  while (!signal.aborted) {
    try {
      await watchLiveStream(stream, rig, toListener(streamId, rig, metrics), signal);
    } catch (error) {
      const isRefused = isStreamRefusal(error);
      const isForAll = error instanceof PublishError || error instanceof InferError;
      if (isForAll && !isRefused) throw error;
      metrics.standing(streamId, 'failed');
      rig.log.error({ stream: streamId }, isRefused ? toFarewell(error) : toText(error));
      if (isRefused) return error;
      await wait(STREAM_RESTART_MS, undefined, { signal }).catch(() => {});
    }
  }
  return null;
}

function toTrouble({ message, remedy }: PublishError): string {
  return `${message}; events wait in the journal meanwhile${remedy === undefined ? '' : `: ${remedy}`}`;
}

function toFarewell({ message, remedy = 'start again' }: PublishError): string {
  return `${message}; this stream is not watched any more: ${remedy}`;
}

function toFailure({ message, remedy }: PublishError): string {
  return remedy === undefined ? message : `${message}: ${remedy}`;
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toListener(stream: string, { log }: LiveRig, metrics: Metrics): LiveStreamListener {
  const counted = metrics.observeStream(stream);
  return {
    ...counted,
    connection: (state, problem) => {
      counted.connection(state, problem);
      log.debug({ stream, cause: problem?.cause }, state);
    },
    changed: (state, problem) => {
      if (state !== 'offline') return log.info({ stream }, state);
      const { cause, message = 'the connection is lost', remedy } = problem ?? {};
      log.warn({ stream, cause }, remedy === undefined ? message : `${message}. ${remedy}`);
    },
  };
}
