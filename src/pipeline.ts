import { IngestError, InferError, type StreamCause } from './errors.js';
import type { FrameSource, Lane, ScoredFrame, SourceEnd, Transition } from './types.js';

/** Turns scored frames into label transitions; pure, in media time. */
export interface Observer {
  observe(frame: ScoredFrame): readonly Transition[];
  /** The transitions that the end of the source brings; to be called once. */
  finish(end: SourceEnd): readonly Transition[];
}

/** Makes transitions durable, one call at a time, in order. */
export interface Recorder {
  /** Resolves when the next frame may come; what is durable by then is the recorder's choice. */
  record(frame: ScoredFrame, transitions: readonly Transition[]): Promise<void>;
  /** The stream is over, well (`cause` null) or not: resolves when everything is durable. */
  finish(cause: StreamCause | null, transitions: readonly Transition[]): Promise<void>;
  /** The run was stopped in the middle: resolves when it can be continued from where it stands. */
  pause(): Promise<void>;
}

/** One stream's stages. */
export interface Stages {
  readonly source: FrameSource;
  readonly lane: Lane;
  readonly observer: Observer;
  readonly recorder: Recorder;
}

/**
 * The whole data flow of one stream: source → lane (queue and tagger) → observer → recorder. Frames already taken
 * from the source are scored and recorded before this returns, aborted or not. Resolves to how the source ended, null
 * when it was stopped. Throws what a stage throws, after everything before the failure is recorded; after a failure that
 * may pass (`retryable`), and after a stop, the stream can be continued.
 */
export async function runStream(
  { source, lane, observer, recorder }: Stages,
  signal: AbortSignal,
): Promise<SourceEnd | null> {
  const stop = new AbortController();
  const feeding = feed(source, lane, AbortSignal.any([signal, stop.signal]));
  feeding.catch(() => {}); // awaited below; a failure while frames are still out must not go unhandled
  try {
    for await (const frame of lane.scored()) await recorder.record(frame, observer.observe(frame));
    const end = await feeding;
    if (signal.aborted) {
      await recorder.pause();
      return null;
    }
    await recorder.finish(end.cause, observer.finish(end));
    return end;
  } catch (error) {
    if (error instanceof IngestError || error instanceof InferError) {
      if (error.retryable) await recorder.pause();
      else
        await recorder.finish(toStreamCause(error), observer.finish({ durationMs: null, cause: 'corrupt' }));
    }
    throw error;
  } finally {
    stop.abort();
    lane.close();
    await feeding.catch(() => {});
  }
}

async function feed(source: FrameSource, lane: Lane, signal: AbortSignal): Promise<SourceEnd> {
  const frames = source.frames(signal);
  try {
    for (;;) {
      const next = await frames.next();
      if (next.done) return next.value;
      await lane.push(next.value);
    }
  } finally {
    await frames.return({ durationMs: null, cause: null });
    lane.end();
  }
}

function toStreamCause(error: IngestError | InferError): StreamCause {
  return error instanceof IngestError ? error.streamCause : 'inference';
}

/** Records what happens to a live stream, in the order of the calls. */
export interface LiveRecorder {
  observe(frame: ScoredFrame): Promise<void>;
  /** Time passes; called again and again, also when nothing comes. */
  tick(): Promise<void>;
}

const TICK_MS = 250;

/**
 * The data flow of one live stream: as of a file, but nothing waits, and time passes without frames too. Resolves when
 * `signal` has aborted and the frames under way are recorded. Throws what a stage throws.
 */
export async function runLive(
  { source, lane, record }: { source: FrameSource; lane: Lane; record: LiveRecorder },
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const feeding = feed(source, lane, AbortSignal.any([signal, stop.signal]));
  feeding.catch(() => {}); // awaited below
  // a journal that takes no more is told by the next frame, or here
  const clock = setInterval(() => void record.tick().catch((error: unknown) => stop.abort(error)), TICK_MS);
  try {
    for await (const frame of lane.scored()) await record.observe(frame);
    await feeding;
    if (stop.signal.aborted) throw stop.signal.reason;
  } finally {
    clearInterval(clock);
    stop.abort();
    lane.close();
    await feeding.catch(() => {});
  }
}
