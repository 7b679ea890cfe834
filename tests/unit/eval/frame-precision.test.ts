import { expect, test } from '@jest/globals';
import { averagePrecision } from '../../../src/eval/average-precision.js';
import { toFramePrecision } from '../../../src/eval/frame-precision.js';
import { toJudgedClip } from '../../../src/eval/judged-clip.js';

const LABELS = ['cat', 'dog'];
const TIMES = [0, 200, 400, 600, 800, 1000];
const SEGMENTS = [{ label: 'cat', startMs: 200, endMs: 800 }];

function toClip(more: object = {}) {
  const truth = { durationMs: null, labels: null, segments: SEGMENTS, optional: [], ...more };
  return toJudgedClip(truth, { labels: LABELS, durationMs: 1200 });
}

/** One score a frame for cat; dog is never there. */
function toScores(cat: readonly number[]) {
  return { labels: LABELS, timesMs: TIMES, scores: cat.map((score) => [score, 0.5]) };
}

test('the average precision is the mean precision at the positives, ties found together', () => {
  const precision = averagePrecision(
    Float64Array.of(0.9, 0.8, 0.8, 0.3, 0.1),
    Float64Array.of(0.9, 0.8, 0.1),
  );
  expect(precision).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3);
});

test('frames within a true segment are positive, its end is not', () => {
  const right = { clip: toClip(), ...toScores([0.1, 0.9, 0.8, 0.7, 0.2, 0.1]) };
  const wrong = { clip: toClip(), ...toScores([0.1, 0.9, 0.8, 0.2, 0.7, 0.1]) };
  expect(toFramePrecision([right])).toEqual({ mean: 1, labels: 1 });
  expect(toFramePrecision([wrong]).mean).toBeCloseTo((1 + 1 + 3 / 4) / 3);
});

test('frames in optional time or after the truth do not count', () => {
  const clip = toClip({
    durationMs: 1000,
    optional: [{ label: 'cat', startMs: 700, endMs: 900 }],
  });
  const scored = { clip, ...toScores([0.1, 0.9, 0.8, 0.7, 0.95, 0.99]) };
  expect(toFramePrecision([scored])).toEqual({ mean: 1, labels: 1 });
});

test('a label with two positive frames, or with no negative one, does not count', () => {
  const short = toClip({ segments: [{ label: 'cat', startMs: 0, endMs: 400 }] });
  const always = toClip({ segments: [{ label: 'cat', startMs: 0, endMs: 1200 }] });
  const scores = toScores([0.9, 0.9, 0, 0, 0, 0]);
  expect(toFramePrecision([{ clip: short, ...scores }])).toEqual({ mean: null, labels: 0 });
  expect(toFramePrecision([{ clip: always, ...scores }])).toEqual({ mean: null, labels: 0 });
  expect(toFramePrecision([short, short].map((clip) => ({ clip, ...scores })))).toEqual({
    mean: 1,
    labels: 1,
  });
});
