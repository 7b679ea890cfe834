import { IngestError, InferError } from '../errors.js';
import type { LiveLocation } from '../ingest/live-location.js';
import { type LiveStop, type LiveRig, watchLiveStream } from '../live-stream.js';
import type { FileListener, FileOutcome } from '../tag-file.js';

/** How long live sources are watched in `tag`. */
export interface LiveLimits {
  /** Null: until the run is stopped. */
  readonly durationMs: number | null;
  /** Time without a frame after which a source has failed. */
  readonly giveUpAfterMs: number;
}

/**
 * Watches one live source until the duration is over, `signal` aborts or it fails, which is an outcome. Throws PublishError
 * when the journal takes no more.
 */
export async function tagLive(
  location: LiveLocation,
  rig: LiveRig,
  { listener, limits }: { listener: FileListener; limits: LiveLimits },
  signal: AbortSignal,
): Promise<FileOutcome> {
  const source = { streamId: location.streamId, names: [location.name] };
  let epoch: string | null = null;
  let hadFrame = false;
  const stop = toStop(limits.durationMs, signal);
  const stream = { ...location, tags: {}, fps: undefined, giveUpAfterMs: limits.giveUpAfterMs };
  const liveListener = {
    opened: (identity: Parameters<FileListener['opened']>[0]) => {
      epoch = identity.epoch;
      listener.opened(identity);
    },
    advanced: (streamId: string, ptsMs: number) => {
      hadFrame = true;
      listener.advanced(streamId, ptsMs);
    },
    connection: (state: string, problem?: { readonly message: string }) =>
      problem === undefined
        ? rig.log.info({ stream: location.streamId }, state)
        : rig.log.warn(`${problem.message}; trying again`),
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
