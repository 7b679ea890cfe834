import type { Config } from './config/config.js';
import { InferError, IngestError, PublishError } from './errors.js';
import type { Batcher } from './infer/batcher.js';
import type { Model } from './infer/model.js';
import { StaticGate } from './infer/static-gate.js';
import type { TaggerHost } from './infer/tagger-host.js';
import { atTemperature } from './infer/temperature.js';
import { Track } from './infer/track.js';
import type { TrackWatch } from './infer/track-watch.js';
import type { FfmpegBuild } from './ingest/ffmpeg-build.js';
import { openFileSource } from './ingest/file-source.js';
import type { Hardware } from './ingest/hardware.js';
import { readHeader, type SourceHeader } from './ingest/source-header.js';
import type { Source } from './ingest/sources.js';
import type { Log } from './log.js';
import { toModelState, toSmoothingState, withState } from './model-state.js';
import { type Observer, runStream } from './pipeline.js';
import { EpochRecorder } from './publish/epoch-recorder.js';
import { fileEpoch } from './publish/ids.js';
import { toStreamEvent } from './publish/stream-events.js';
import type { Decoder, EpochState, Journal, Lane, ScoredFrame, Smoothing, StreamIdentity } from './types.js';

/** What all files of a run share. */
export interface Rig {
  readonly config: Config;
  readonly build: FfmpegBuild;
  /** Decodes what it can; null: software does. */
  readonly hardware: Hardware | null;
  readonly model: Model;
  /** The labels that are published, with their places in the model's scores. */
  readonly labels: readonly { readonly name: string; readonly index: number }[];
  readonly smoothing: Smoothing;
  /** Frames scored per second of media. */
  readonly fps: number;
  readonly tagger: TaggerHost;
  readonly batcher: Batcher;
  /** Frames in memory of each file at most. */
  readonly slots: number;
  readonly journal: Journal;
  readonly log: Log;
}

/** What can be seen of a stream while it is being tagged. */
export interface StreamView {
  /** Null: not known, or live. */
  readonly durationMs: number | null;
  /** The labels that hold now. */
  openLabels(): readonly string[];
}

/** Told while a file is being tagged. */
export interface FileListener {
  /** The journal holds, or will hold, this epoch. */
  opened(identity: StreamIdentity): void;
  /** Its frames are being taken from now on. */
  begun?(view: StreamView): void;
  /** Everything up to this media time is tagged. */
  advanced(streamId: string, ptsMs: number): void;
  /** What decodes it from here on. */
  decoder?(streamId: string, decoder: Decoder): void;
  /** Told what the labels go by, in the order of the published labels. */
  readonly watch?: TrackWatch;
}

/** How a file ended; `epoch` is null when it could not be opened. */
export interface FileOutcome {
  readonly source: Pick<Source, 'streamId' | 'names'>;
  readonly epoch: string | null;
  readonly status: 'completed' | 'failed' | 'interrupted';
  /** Why it failed. */
  readonly error: Error | null;
  /** Files: as its header has it; absent: not known. */
  readonly durationMs?: number | undefined;
  /** Media time of the last frame of this run; absent: there was none. */
  readonly lastMs?: number | undefined;
  /** A live source that never gave a picture. */
  readonly isVain?: boolean;
}

/**
 * Tags one file from where the journal stands, or not at all when the journal holds all of it. Failures of the file are
 * an outcome; PublishError, a journal that takes no more, is thrown.
 */
export async function tagFile(
  source: Source,
  rig: Rig,
  listener: FileListener,
  signal: AbortSignal,
): Promise<FileOutcome> {
  let epoch: string | null = null;
  let durationMs: number | undefined;
  let lastMs: number | undefined;
  const following: FileListener = {
    ...listener,
    advanced: (streamId, ptsMs) => {
      lastMs = ptsMs;
      listener.advanced(streamId, ptsMs);
    },
  };
  try {
    const header = await readHeader(source, rig.build, signal);
    durationMs = header.durationMs ?? undefined;
    if (header.warning !== null) rig.log.warn(header.warning);
    const { fileMode } = rig.tagger; // at the moment at which the epoch is made of it
    const held = await rig.journal.openEpoch(toIdentity(source, header, rig));
    epoch = held.identity.epoch;
    listener.opened(held.identity);
    if (source.identity === null) rig.log.warn(`${source.names[0]}: ${NAMELESS}`);
    if (held.isAnew) rig.log.warn(`${source.names[0]}: ${ANEW}`);
    if (held.wasLeft) rig.log.warn(`${source.names[0]}: ${toAgain(held)}`);
    if (held.finished !== null)
      return {
        source,
        epoch,
        status: held.finished,
        error: await toHeldError(source, held, rig),
        durationMs,
        lastMs,
      };
    const end = await tagEpoch({ source, header, rig, held, fileMode, listener: following }, signal);
    if (end === null) return { source, epoch, status: 'interrupted', error: null, durationMs, lastMs };
    if (end.cause === null) return { source, epoch, status: 'completed', error: null, durationMs, lastMs };
    const error = new IngestError(end.cause, end.message ?? `${source.names[0]} is damaged`, {
      remedy: DAMAGED,
    });
    return { source, epoch, status: 'failed', error, durationMs, lastMs };
  } catch (error) {
    if (signal.aborted && !(error instanceof InferError || error instanceof PublishError))
      return { source, epoch, status: 'interrupted', error: null, durationMs, lastMs };
    if (!(error instanceof IngestError || error instanceof InferError)) throw error;
    if (epoch === null && error instanceof IngestError) await recordUnusable(source, error, rig);
    return { source, epoch, status: 'failed', error, durationMs, lastMs };
  }
}

/**
 * Publishes that a source could not be opened, once, unless that may pass. It has no epoch: no time line began.
 */
export async function recordUnusable(
  { streamId, kind, sourceUri }: Pick<StreamIdentity, 'streamId' | 'kind' | 'sourceUri'>,
  error: IngestError,
  { journal, config }: Pick<Rig, 'journal' | 'config'>,
): Promise<void> {
  if (error.retryable) return;
  const end = { streamId, kind, sourceUri, epoch: null, state: 'failed', cause: error.streamCause } as const;
  const event = toStreamEvent(config.deployment, end, Date.now());
  await journal.commit({ epoch: null, events: [event], segments: [], scores: [], checkpoint: null });
}

/** Why a file that the journal holds as failed is not tagged again. */
async function toHeldError(
  { names }: Source,
  { finished, identity }: EpochState,
  { journal }: Rig,
): Promise<IngestError | null> {
  if (finished !== 'failed') return null;
  const cause = (await journal.failureOf(identity.epoch)) ?? 'corrupt';
  const remedy =
    cause === 'corrupt' || cause === 'decode'
      ? 'get a whole copy and tag that, or tag this one anew with --fresh'
      : 'mend that, then tag it anew with another --journal, or all with --fresh';
  return new IngestError(cause, `${names[0]} failed in an earlier run of this journal (${cause})`, {
    remedy,
  });
}

const NAMELESS =
  'its server gives nothing to know it again by, so it cannot be gone on with after an interruption';
const ANEW =
  'the settings or the model are not those it was tagged with before, so it is tagged from its beginning';

function toAgain({ finished }: EpochState): string {
  const then = finished === null ? 'that run is gone on with' : 'its results are taken again';
  return `the settings and the model are those of an earlier run: ${then}`;
}

const DAMAGED = 'what could be read is tagged; get a whole copy and tag that';

interface EpochRun {
  readonly source: Source;
  readonly header: SourceHeader;
  readonly rig: Rig;
  readonly held: Awaited<ReturnType<Journal['openEpoch']>>;
  /** Of the tagger, when the epoch was made. */
  readonly fileMode: string;
  readonly listener: FileListener;
}

async function tagEpoch({ source, header, rig, held, fileMode, listener }: EpochRun, signal: AbortSignal) {
  const { config, model, smoothing, fps, labels, journal, log, build, hardware, slots } = rig;
  const { identity, checkpoint } = held;
  const { keyframesOnly, staticGate } = config.sampling;
  const { watch } = listener;
  const track = new Track(
    { kind: 'file', fps, keyframesOnly, smoothing, labelCount: labels.length, watch },
    checkpoint?.smoother,
  );
  const gate = staticGate ? new StaticGate(model.input, checkpoint?.smoother['staticGate']) : undefined;
  const modelState = toModelState(rig);
  const context = {
    deployment: config.deployment,
    identity,
    ...modelState,
    thresholds: smoothing.thresholds,
  };
  const said = { ...modelState, ...toSmoothingState({ fps, keyframesOnly, smoothing }) };
  const recorder = new EpochRecorder({ journal, context, held, observer: withState(track, said, gate) });
  const { gapToleranceMs } = smoothing;
  const resume = checkpoint === null ? null : { lastMs: checkpoint.lastMs, frameHash: checkpoint.frameHash };
  const frames = openFileSource({
    source,
    header,
    build,
    input: model.input,
    fps,
    keyframesOnly,
    slots,
    gapToleranceMs,
    resume,
    hardware,
    onDecoder: (decoder, note) => {
      if (note !== null) log.warn(note);
      listener.decoder?.(identity.streamId, decoder);
    },
  });
  listener.begun?.({
    durationMs: header.durationMs,
    openLabels: () => track.openSegments().map(({ label }) => labels[label]!.name),
  });
  let count = 0;
  const observer: Observer = {
    observe: (frame) => {
      if (count++ === 0) log.debug({ stream: identity.streamId }, 'first frame scored');
      listener.advanced(identity.streamId, frame.ptsMs);
      return track.observe(frame);
    },
    finish: (end) => track.finish(end),
  };
  const lane = chooseScores(rig.batcher.open(identity.streamId, { policy: 'wait', gate, fileMode }), rig);
  try {
    return await runStream({ source: frames, lane, observer, recorder }, signal);
  } finally {
    log.debug({ stream: identity.streamId, frames: count, static: gate?.skipped ?? 0 }, 'stream over');
  }
}

/** The lane with only the chosen labels' scores, in their order, at the temperature. */
export function chooseScores(
  lane: Lane,
  { labels, model, smoothing }: Pick<Rig, 'labels' | 'model' | 'smoothing'>,
): Lane {
  const { temperature = 1 } = smoothing;
  if (labels.length === model.info.labels.length && temperature === 1) return lane;
  async function* chosen(): AsyncGenerator<ScoredFrame> {
    for await (const frame of lane.scored()) {
      const scores = Float32Array.from(labels, ({ index }) => frame.scores[index]!);
      yield { ...frame, scores: atTemperature(scores, temperature) };
    }
  }
  return {
    push: (frame) => lane.push(frame),
    end: () => lane.end(),
    close: () => lane.close(),
    scored: chosen,
  };
}

function toIdentity(source: Source, header: SourceHeader, rig: Rig): StreamIdentity {
  const { streamId, kind, sourceUri } = source;
  const startTimeMs = header.createdAt?.getTime() ?? null;
  const clock = startTimeMs === null ? 'none' : 'file-metadata';
  return { streamId, kind, sourceUri, epoch: toEpoch(source, rig), clock, startTimeMs, tags: {} };
}

/** A source that nothing identifies gets an epoch of its own each time, so it cannot be continued. */
function toEpoch({ identity }: Source, rig: Rig): string {
  const { config, tagger, model, labels, smoothing, fps } = rig;
  return fileEpoch({
    identity: identity ?? crypto.randomUUID(),
    modelSha256: model.info.sha256,
    executionProvider: tagger.provider.effective,
    batchSize: tagger.fileBatch,
    threads: tagger.fixedThreads,
    labels: labels.map((label) => label.name),
    sampling: { ...config.sampling, fps },
    smoothing,
  });
}
