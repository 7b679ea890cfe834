import { IngestError, InferError } from '../errors.js';
import type { LiveLocation } from '../ingest/live-location.js';
import { isLasting } from '../ingest/live-problem.js';
import { type LiveRig, type LiveStop, type LiveStreamListener, watchLiveStream } from '../live-stream.js';
import type { FileListener, FileOutcome } from '../tag-file.js';

/** How long live sources are watched in `tag`. */
export interface LiveLimits {
  /** Null: until the run is stopped. */
  readonly durationMs: number | null;
  /** Time without a frame after which a source has failed. */
  readonly giveUpAfterMs: number;
}

/** Told while a live source is watched. */
export interface LiveSourceListener extends FileListener {
  connection(state: string): void;
}

interface LiveReporting {
  readonly listener: LiveSourceListener;
  readonly limits: LiveLimits;
  /** Null: nothing is counted. */
  readonly counted: LiveStreamListener | null;
}

/**
 * Watches one live source until the duration is over, `signal` aborts or it fails, which is an outcome. Throws PublishError
 * when the journal takes no more.
 */
export async function tagLive(
  location: LiveLocation,
  rig: LiveRig,
  { listener, limits, counted }: LiveReporting,
  signal: AbortSignal,
): Promise<FileOutcome> {
  const source = { streamId: location.streamId, names: [location.name] };
  let epoch: string | null = null;
  let lastMs: number | undefined;
  const gaps = new GapText();
  const stop = toStop(limits.durationMs, signal);
  const stream = { ...location, tags: {}, fps: undefined, giveUpAfterMs: limits.giveUpAfterMs };
  const liveListener: LiveStreamListener = {
    ...counted,
    begun: (view) => listener.begun?.(view),
    opened: (identity) => {
      epoch = identity.epoch;
      counted?.opened?.(identity);
      listener.opened(identity);
    },
    advanced: (streamId, ptsMs) => {
      lastMs = ptsMs;
      gaps.frame();
      counted?.advanced?.(streamId, ptsMs);
      listener.advanced(streamId, ptsMs);
    },
    openSegments: (count) => {
      counted?.openSegments?.(count);
      gaps.openSegments(count);
    },
    connection: (state, problem) => {
      counted?.connection?.(state, problem);
      listener.connection(state);
    },
    changed: (state, problem) => {
      const { streamId: stream } = location;
      // before the first frame it ends with this problem, which is told as its error
      if (problem !== undefined && lastMs === undefined && isLasting(problem.cause)) return;
      if (state === 'gap') rig.log.info({ stream }, gaps.toText());
      else if (problem === undefined) rig.log.info({ stream }, state);
      else rig.log.warn({ stream, cause: problem.cause }, `${problem.message}; trying again`);
    },
  };
  try {
    await watchLiveStream(stream, rig, liveListener, stop.signal);
    return { source, epoch, status: 'completed', error: null, lastMs };
  } catch (error) {
    if (!(error instanceof IngestError || error instanceof InferError)) throw error;
    return { source, epoch, status: 'failed', error, lastMs, isVain: lastMs === undefined };
  } finally {
    stop.clear();
  }
}

/** Puts a gap into words. */
class GapText {
  #lastFrameMs = performance.now();
  #blindMs = 0;
  #open = 0;

  frame(): void {
    const nowMs = performance.now();
    this.#blindMs = nowMs - this.#lastFrameMs;
    this.#lastFrameMs = nowMs;
  }

  openSegments(count: number): void {
    this.#open = count;
  }

  /** To be called while it begins, or just after the frame that ended it. */
  toText(): string {
    const seconds = Math.round(Math.max(this.#blindMs, performance.now() - this.#lastFrameMs) / 1000);
    const ended = { 0: '', 1: ': 1 open segment ended' }[this.#open] ?? `: ${this.#open} open segments ended`;
    return `no frame for ${seconds} s${ended}`;
  }
}

/** A signal that aborts with the reason for which segments end. */
function toStop(durationMs: number | null, signal: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const stop = (why: LiveStop) => controller.abort(why);
  const onAbort = () => stop('shutdown');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = durationMs === null ? undefined : setTimeout(() => stop('end-of-stream'), durationMs);
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
