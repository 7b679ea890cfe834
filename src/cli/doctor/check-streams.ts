import type { StreamConfig } from '../../config/config.js';
import type { FfmpegBuild } from '../../ingest/ffmpeg-build.js';
import { readLiveUrl } from '../../ingest/live-location.js';
import { probeLive } from '../../ingest/probe.js';
import { type Finding, ok, toFailure, warn } from './finding.js';

const TIMEOUT_MS = 15_000;
/** Each has an ffmpeg of its own. */
const SIDE_BY_SIDE = 8;

/** Opens each stream once, some side by side, and resolves to what came of them in their order. */
export async function checkStreams(
  streams: readonly StreamConfig[],
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < streams.length && !signal.aborted; n = next++)
      findings[n] = await checkStream(streams[n]!, build, signal);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  signal.throwIfAborted();
  return findings;
}

async function checkStream(
  { id, url }: StreamConfig,
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const { video, firstFrameAfterMs, warning } = await probeLive(
      readLiveUrl(url),
      { build, timeoutMs: TIMEOUT_MS },
      signal,
    );
    const rate = video.fps === null ? 'rate not stated' : `${video.fps} fps`;
    const after = `first frame after ${(firstFrameAfterMs / 1000).toFixed(2)} s`;
    const text = `${id}: ${video.codec}, ${video.width}x${video.height}, ${rate}, ${after}`;
    return warning === null
      ? ok('stream', text)
      : warn('stream', `${text}; ${warning}`, 'see docs/cameras.md');
  } catch (error) {
    return toFailure('stream', error, id);
  }
}
