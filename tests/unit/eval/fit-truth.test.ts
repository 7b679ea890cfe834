import { expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors.js';
import { fitClock, fitLabels, fitLength } from '../../../src/eval/fit-truth.js';
import type { ReadTruth } from '../../../src/eval/read-truth.js';

const CLIP = {
  name: 'clip.mp4',
  durationMs: 10_000,
  frames: 50,
  intervalMs: 200,
  minOnMs: 400,
  labels: ['cat', 'dog', 'tie'],
  modelName: 'small',
};

function toTruth(more: Partial<ReadTruth>): ReadTruth {
  return { file: 'clip.csv', durationMs: null, labels: null, segments: [], optional: [], ...more };
}

function toSpan(label: string, startMs: number, endMs: number, at: string) {
  return { label, startMs, endMs, at };
}

/** What is said of it, to be matched: message, issues, remedy. */
function refusalOf(act: () => void): { message: string; issues: readonly string[] } {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.remedy).toBeDefined();
    return { message: error.message, issues: error.issues };
  }
  throw new Error('nothing was refused');
}

test('labels that the model lacks are named once, with their place and the nearest that it has', () => {
  const truth = toTruth({
    segments: [
      toSpan('cta', 0, 1, 'line 2'),
      toSpan('dog', 0, 1, 'line 3'),
      toSpan('cta', 5, 6, 'line 4'),
      toSpan('submarine', 5, 6, 'line 5'),
    ],
  });
  expect(refusalOf(() => fitLabels(truth, CLIP))).toEqual({
    message: 'clip.csv names labels that the model lacks',
    issues: ['line 2: cta is no label of small; did you mean cat?', 'line 5: submarine is no label of small'],
  });
  const judged = toTruth({ labels: ['tie', 'ties'] });
  expect(refusalOf(() => fitLabels(judged, CLIP)).issues).toEqual([
    'labels: ties is no label of small; did you mean tie?',
  ]);
});

test('truth that goes on after the clip has another clock; a frame more is rounding', () => {
  const ending = (endMs: number) => toTruth({ segments: [toSpan('cat', 0, endMs, 'line 2')] });
  expect(() => fitClock(ending(10_200), CLIP)).not.toThrow();
  expect(refusalOf(() => fitClock(ending(10_201), CLIP))).toEqual({
    message: 'clip.csv goes to 10.201 s, but clip.mp4 ends at 10.000 s',
    issues: ['line 2: cat ends there'],
  });
  expect(refusalOf(() => fitClock(toTruth({ durationMs: 19_000 }), CLIP)).issues).toEqual([
    'durationMs is 19000',
  ]);
});

test('a clip of one frame, or shorter than minOn, shows nothing of steadiness', () => {
  expect(() => fitLength(CLIP)).not.toThrow();
  expect(refusalOf(() => fitLength({ ...CLIP, frames: 1 })).message).toBe(
    'clip.mp4 gave a single frame, and steadiness is between frames',
  );
  expect(refusalOf(() => fitLength({ ...CLIP, durationMs: 399 })).message).toBe(
    'clip.mp4 lasts 0.399 s, less than minOnMs (400): no label could begin and be judged',
  );
});
