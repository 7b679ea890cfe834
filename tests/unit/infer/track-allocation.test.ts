import { expect, test } from '@jest/globals';
import { bytesPerCall } from '../../../bench/smoother/allocation.js';
import { Track } from '../../../src/infer/track.js';
import type { StreamKind } from '../../../src/types.js';

const LABELS = 80;
const WARM_UP = 60_000;
const TRIES = 40;
/** A number or two may be made objects of; what is made for each label, or a list, is more. */
const LEAST_OBJECTS = 64;

/** Takes one more frame of unchanging scores, 1 ms later: too early for a heartbeat. */
function toSteady(kind: StreamKind, score: number): () => void {
  const thresholds = Array.from({ length: LABELS }, () => ({ enter: 0.55, exit: 0.38 }));
  const smoothing = { halfLifeMs: 400, minOnMs: 400, minOffMs: 1000, gapToleranceMs: 3000, thresholds };
  const track = new Track({ kind, fps: 5, labelCount: LABELS, smoothing });
  const frame = { ptsMs: 0, damaged: false, scores: new Float32Array(LABELS).fill(score), hash: 0 };
  const take = (): void => {
    track.observe(frame);
    frame.ptsMs += 1;
  };
  for (let n = 0; n < WARM_UP; n++) take();
  return take;
}

/** Code that is not compiled yet, as on a busy machine, makes an object of each number. */
function leastBytes(call: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIES && least >= LEAST_OBJECTS; n++) least = Math.min(least, bytesPerCall(call));
  return least;
}

test.each<[StreamKind, number]>([
  ['file', 0.05],
  ['file', 0.9],
  ['live', 0.05],
  ['live', 0.9],
])('a frame of a %s that changes nothing, at a score of %d, takes no memory', (kind, score) => {
  expect(leastBytes(toSteady(kind, score))).toBeLessThan(LEAST_OBJECTS);
});

test('what takes memory is seen', () => {
  const kept: { list: number[] } = { list: [] };
  expect(leastBytes(() => (kept.list = [1, 2]))).toBeGreaterThanOrEqual(16);
});
