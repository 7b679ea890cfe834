import type { StreamConfig } from '../../config/config.js';
import type { FfmpegBuild } from '../../ingest/ffmpeg-build.js';
import { readLiveUrl } from '../../ingest/live-location.js';
import { probeLive } from '../../ingest/probe.js';
import { type Finding, ok, toFailure, warn } from './finding.js';

const TIMEOUT_MS = 15_000;
/** Each has an ffmpeg of its own. */
const SIDE_BY_SIDE = 8;

/**
 * Opens each stream once, some side by side, and resolves for each to what came of it. `ready`: when to begin, and with what;
 * null: there is no ffmpeg, which is told elsewhere.
 */
export function checkStreams(
  streams: readonly StreamConfig[],
  ready: Promise<FfmpegBuild | null>,
  signal: AbortSignal,
): Promise<readonly Finding[]>[] {
  const checks: Promise<readonly Finding[]>[] = [];
  const check = async (stream: StreamConfig, turn: Promise<unknown>): Promise<readonly Finding[]> => {
    await turn;
    const build = await ready;
    return build === null || signal.aborted ? [] : [await checkStream(stream, build, signal)];
  };
  for (const [n, stream] of streams.entries()) checks.push(check(stream, checks[n - SIDE_BY_SIDE] ?? ready));
  return checks;
}

async function checkStream(
  { id, url }: StreamConfig,
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const { video, firstFrameAfterMs, warning } = await probeLive(
      readLiveUrl(url),
      { build, hardware: null, timeoutMs: TIMEOUT_MS },
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
