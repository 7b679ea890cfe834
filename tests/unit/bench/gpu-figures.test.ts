import { expect, test } from '@jest/globals';
import { quantileBetween, toBuckets } from '../../../bench/gpu/ages.js';
import { median } from '../../../bench/gpu/budget.js';
import { decoderCounts } from '../../../bench/gpu/decode.js';
import { toUsage } from '../../../bench/gpu/facts.js';
import { readSize } from '../../../bench/gpu/pieces.js';
import { compareSegments, toMaxDifference } from '../../../bench/gpu/scores.js';
import { lastWords } from '../../../bench/gpu/tag-run.js';
import type { LabelEvent } from '../../../src/types.js';

const toHistogram = (...counts: readonly number[]) =>
  toBuckets(
    counts.map((value, n) => ({
      name: 'labelcast_frame_age_seconds_bucket',
      labels: `{le="${['0.1', '0.25', '+Inf'][n]}"}`,
      value,
    })),
    'frame_age_seconds',
  );

test('quantiles of ages are of what came between two scrapes, spread evenly within a bucket', () => {
  const [before, after] = [toHistogram(100, 100, 100), toHistogram(150, 200, 200)];
  expect(quantileBetween(before, after, 0.5)).toBeCloseTo(0.1, 6);
  expect(quantileBetween(before, after, 0.75)).toBeCloseTo(0.175, 6);
  expect(quantileBetween(before, toHistogram(100, 100, 110), 0.5)).toBe(0.25);
  expect(quantileBetween(after, after, 0.5)).toBeNull();
});

test('decoders are doubled up to the number of cores', () => {
  expect([1, 2, 6, 16].map(decoderCounts)).toEqual([[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8, 16]]);
});

test('a size of pieces has a unit or is of bytes', () => {
  expect(['60MiB', '1.5KiB', '7', '2B'].map(readSize)).toEqual([62_914_560, 1536, 7, 2]);
  for (const text of ['', '60MB', '-1', '0', 'MiB'])
    expect(() => readSize(text)).toThrow(/no size of a piece/);
});

test('usage is nothing without samples', () => {
  expect(toUsage('ort', [])).toBeNull();
  expect(
    toUsage('ort', [
      [10, 500],
      [90, 700],
    ]),
  ).toEqual({ step: 'ort', samples: 2, gpuPercentMean: 50, gpuPercentMax: 90, memoryMiBMax: 700 });
});

test('the middle value is one of them', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});

test('scores differ by their largest difference, and frames that lack are an error', () => {
  const [a, b] = [Float32Array.of(0.5, 0.25), Float32Array.of(0.5, 0.75)];
  expect(toMaxDifference([a, b], [a, a])).toBe(0.5);
  expect(() => toMaxDifference([a, b], [a])).toThrow('1 frames were scored, not 2');
});

test('segments of several streams are compared each with its own', () => {
  const segment = (streamId: string, startMs: number, endMs: number) =>
    ({ streamId, label: 'dog', startMs, endMs, confirmedMs: startMs }) as LabelEvent['data'];
  const truth = [segment('a', 0, 1000), segment('b', 5000, 6000)];
  expect(compareSegments(truth, truth)).toBe(1);
  expect(compareSegments(truth, [segment('a', 0, 1000), segment('b', 0, 1000)])).toBe(0.5);
  expect(compareSegments([], [])).toBeNull();
});

test('what a command said last is its error, or the last message of its log', () => {
  expect(lastWords('{"msg":"one"}\n{"msg":"the \\"last\\" one"}\n')).toBe('the \\"last\\" one');
  expect(lastWords('{"msg":"one"}\nerror: no model\n  - in x\n')).toBe('error: no model - in x');
});
