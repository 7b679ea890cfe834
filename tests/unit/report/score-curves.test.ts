import { expect, test } from '@jest/globals';
import { readFrames, toCurves } from '../../../src/report/score-curves.js';
import type { ScoreBlock } from '../../../src/types.js';

function blockOf(
  minute: number,
  timesMs: readonly number[],
  curves: Record<number, readonly number[]>,
): ScoreBlock {
  const entries = Object.entries(curves).map(
    ([label, scores]) => [Number(label), Float32Array.from(scores)] as const,
  );
  return { minute, timesMs, curves: new Map(entries) };
}

function toObject({ timesMs, bytes }: ReturnType<typeof toCurves>) {
  return { timesMs, curves: Object.fromEntries([...bytes].map(([label, scores]) => [label, [...scores]])) };
}

test('scores become bytes; what a minute did not keep is 0', () => {
  const blocks = [
    blockOf(0, [0, 200], { 3: [0.5, 1] }),
    blockOf(1, [60_000, 60_200], { 3: [Number.NaN, 0.0019], 5: [0.002, 1.5] }),
  ];
  expect(toObject(toCurves(readFrames(blocks), [3, 5]))).toEqual({
    timesMs: [0, 200, 60_000, 60_200],
    curves: { 3: [128, 255, 0, 0], 5: [0, 0, 1, 255] },
  });
});

test('only the labels asked for, and only after another model was there', () => {
  const blocks = [blockOf(0, [0, 200, 400], { 0: [1, 1, 1], 1: [0.2, 0.4, 0.6] })];
  expect(toObject(toCurves(readFrames(blocks, 0), [1]))).toEqual({
    timesMs: [200, 400],
    curves: { 1: [102, 153] },
  });
  expect(toObject(toCurves(readFrames(blocks), []))).toEqual({ timesMs: [0, 200, 400], curves: {} });
  expect(toObject(toCurves(readFrames([]), [1]))).toEqual({ timesMs: [], curves: { 1: [] } });
});

test('an hour of 80 labels stays small: the highest of neighbours is kept, and no hole is bridged', () => {
  const labels = Array.from({ length: 80 }, (_, label) => label);
  const minutes = Array.from({ length: 60 }, (_, minute) => {
    // half a minute is missing in each
    const timesMs = Array.from({ length: 150 }, (_, n) => minute * 60_000 + n * 200);
    const scores = timesMs.map((_, n) => (n === 149 ? 1 : 0.1));
    return blockOf(minute, timesMs, Object.fromEntries(labels.map((label) => [label, scores])));
  });
  const { timesMs, bytes } = toCurves(
    readFrames([
      ...minutes,
      ...minutes.map((one) => ({ ...one, timesMs: one.timesMs.map((ms) => ms + 3_600_000) })),
    ]),
    labels,
  );
  const size = timesMs.length * (labels.length + 4);
  expect([size > 600_000, size < 850_000]).toEqual([true, true]);
  expect(timesMs.filter((ms) => ms % 60_000 === 0)).toHaveLength(120); // each minute begins anew
  expect([...bytes.get(79)!].filter((byte) => byte === 255)).toHaveLength(120);
});
