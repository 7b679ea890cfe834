import { IngestError } from '../errors.js';
import type { Frame } from '../types.js';

/** The last frame that is done: its media time and the CRC-32 of its pixels; null: those of another decoder will do. */
export interface ResumePoint {
  readonly lastMs: number;
  readonly frameHash: number | null;
}

type Open<End> = (seekMs: number | null) => AsyncGenerator<Frame, End, void>;

/**
 * The frames after `point`. Seeks `backMs` before it (null: does not) and goes on only if the seek landed early enough and the
 * frame at `point` is met with the same pixels; otherwise everything is decoded again and what is done is left out.
 */
export async function* resumeAfter<End>(
  point: ResumePoint,
  backMs: number | null,
  open: Open<End>,
  signal: AbortSignal,
): AsyncGenerator<Frame, End, void> {
  const seekMs = backMs === null ? 0 : Math.floor(point.lastMs - backMs);
  if (seekMs > 0) {
    const frames = open(seekMs);
    try {
      if (await meetsPoint(frames, point, seekMs)) return yield* frames;
    } finally {
      await frames.return(undefined as never);
    }
  }
  return yield* leaveOut(open(null), point.lastMs, signal);
}

async function meetsPoint(
  frames: AsyncGenerator<Frame, unknown, void>,
  point: ResumePoint,
  seekMs: number,
): Promise<boolean> {
  for (let isFirst = true; ; isFirst = false) {
    const next = await frames.next().catch((error: unknown) => {
      if (error instanceof IngestError) return null;
      throw error;
    });
    if (next === null || next.done === true) return false;
    const { ptsMs, pixels } = next.value;
    const isPoint = ptsMs === point.lastMs && (point.frameHash === null || pixels.hash() === point.frameHash);
    pixels.release();
    if (isFirst && ptsMs > seekMs) return false;
    if (isPoint) return true;
    if (ptsMs >= point.lastMs) return false;
  }
}

async function* leaveOut<End>(
  frames: AsyncGenerator<Frame, End, void>,
  lastMs: number,
  signal: AbortSignal,
): AsyncGenerator<Frame, End, void> {
  try {
    for (;;) {
      const next = await frames.next();
      if (next.done === true) return next.value;
      if (next.value.ptsMs > lastMs && !signal.aborted) yield next.value;
      else next.value.pixels.release();
    }
  } finally {
    await frames.return(undefined as never);
  }
}
