import { IngestError, InferError } from '../errors.js';
import type { LiveLocation } from '../ingest/live-location.js';
import { type LiveRig, type LiveStop, type LiveStreamListener, watchLiveStream } from '../live-stream.js';
import type { FileListener, FileOutcome } from '../tag-file.js';

/** How long live sources are watched in `tag`. */
export interface LiveLimits {
  /** Null: until the run is stopped. */
  readonly durationMs: number | null;
  /** Time without a frame after which a source has failed. */
  readonly giveUpAfterMs: number;
}

interface LiveReporting {
  readonly listener: FileListener;
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
  let hadFrame = false;
  const stop = toStop(limits.durationMs, signal);
  const stream = { ...location, tags: {}, fps: undefined, giveUpAfterMs: limits.giveUpAfterMs };
  const liveListener: LiveStreamListener = {
    ...counted,
    opened: (identity) => {
      epoch = identity.epoch;
      counted?.opened?.(identity);
      listener.opened(identity);
    },
    advanced: (streamId, ptsMs) => {
      hadFrame = true;
      counted?.advanced?.(streamId, ptsMs);
      listener.advanced(streamId, ptsMs);
    },
    changed: (state, problem) => {
      const { streamId: stream } = location;
      if (problem === undefined) rig.log.info({ stream }, state);
      else rig.log.warn({ stream, cause: problem.cause }, `${problem.message}; trying again`);
    },
  };
  try {
    await watchLiveStream(stream, rig, liveListener, stop.signal);
    return { source, epoch, status: 'completed', error: null };
  } catch (error) {
    if (!(error instanceof IngestError || error instanceof InferError)) throw error;
    return { source, epoch, status: 'failed', error, isVain: !hadFrame };
  } finally {
    stop.clear();
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
