import type { LabelledClip } from '../../../src/calibrate/parts.js';
import { createRandom } from '../../../src/calibrate/random.js';
import type { Smoothing } from '../../../src/types.js';

const FPS = 5;
const STEP_MS = 1000 / FPS;

/** Smoothing that follows every score. */
export const JUMPY: Smoothing = {
  halfLifeMs: 1,
  minOnMs: 0,
  minOffMs: 0,
  gapToleranceMs: 3000,
  thresholds: [
    { enter: 0.5, exit: 0.45 },
    { enter: 0.5, exit: 0.45 },
  ],
};

/**
 * A minute of two labels that hold for ten of every twenty seconds; one frame in `every` shows the opposite, at random; 0: none.
 */
export function toClip(seed: number, every: number, lengthS = 60): LabelledClip {
  const random = createRandom(seed, 'clip');
  const labels = ['cat', 'dog'];
  const holds = (label: number, ms: number): boolean => (ms + label * 5000) % 20_000 < 10_000;
  const frames = Array.from({ length: lengthS * FPS }, (_, n) => {
    const ptsMs = n * STEP_MS;
    const scores = labels.map((__, label) => {
      const isWrong = every > 0 && random.chance(1 / every);
      return holds(label, ptsMs) === isWrong ? random.between(0.05, 0.3) : random.between(0.7, 0.95);
    });
    return { ptsMs, damaged: false, scores: Float32Array.from(scores) };
  });
  const durationMs = lengthS * 1000;
  const segments = labels.flatMap((label, n) =>
    Array.from({ length: lengthS / 20 + 1 }, (_, k) => ({
      label,
      startMs: Math.max(0, k * 20_000 - n * 5000),
      endMs: Math.min(durationMs, k * 20_000 - n * 5000 + 10_000),
    })).filter(({ startMs, endMs }) => endMs > startMs),
  );
  return {
    name: `clip ${seed}`,
    durationMs,
    truth: { durationMs: null, labels: null, segments, optional: [] },
    scored: { labels, fps: FPS, frames, end: { durationMs, cause: null } },
  };
}
