import { expect, test } from '@jest/globals';
import { Smoother } from '../../../src/infer/smoother.js';
import type { Smoothing, Transition } from '../../../src/types.js';

// Half-life and step are both 200 ms, so each step goes exactly half the way from the average to the raw score.
const STEP_MS = 200;
const SMOOTHING: Smoothing = {
  halfLifeMs: 200,
  minOnMs: 400,
  minOffMs: 600,
  gapToleranceMs: 3000,
  thresholds: [{ enter: 0.5, exit: 0.25 }],
};

/** Feeds one score per step, from 0 ms on, and returns what was appended. */
function feed(smoother: Smoother, scores: readonly number[], fromMs = 0): Transition[] {
  const into: Transition[] = [];
  for (const [n, score] of scores.entries()) {
    smoother.observe(fromMs + n * STEP_MS, Float32Array.of(score), into);
  }
  return into;
}

/** `label phase reason startMs-endMs @confirmedMs`, for tests of order and time. */
function brief({ label, phase, reason, startMs, endMs, confirmedMs }: Transition): string {
  return `${label} ${phase} ${reason} ${startMs}-${endMs ?? ''} @${confirmedMs}`;
}

test('a label starts back-dated and ends back-dated, with the numbers worked out by hand', () => {
  // ms   0     200    400    600    800    1000    1200     1400      1600
  // p    0     1      1      1      0      0       0        0         0
  // s    0     .5     .75    .875   .4375  .21875  .109375  .0546875  .02734375
  //            ≥ .5: pending, t1 = 200     < .25: closing, t2 = 1000
  //                          600 − 200 ≥ 400: on                      1600 − 1000 ≥ 600: ended
  // raw of started over [200, 600]: 3 of 1; of ended over [200, 1600]: 8 frames, 3 of 1: mean 3/8
  expect(feed(new Smoother(SMOOTHING), [0, 1, 1, 1, 0, 0, 0, 0, 0])).toEqual([
    {
      phase: 'started',
      reason: 'threshold',
      label: 0,
      startMs: 200,
      endMs: null,
      atMs: 200,
      confirmedMs: 600,
      score: { current: 0.875, peak: 1, mean: 1 },
      frames: { observed: 3, expected: 3 },
    },
    {
      phase: 'ended',
      reason: 'threshold',
      label: 0,
      startMs: 200,
      endMs: 1000,
      atMs: 1000,
      confirmedMs: 1600,
      score: { current: 0.02734375, peak: 1, mean: 0.375 },
      frames: { observed: 8, expected: 8 },
    },
  ]);
});

test('the average starts at the first raw score', () => {
  // s = 1 at once: pending at 0, on at 400
  expect(feed(new Smoother(SMOOTHING), [1, 1, 1]).map(brief)).toEqual(['0 started threshold 0- @400']);
});

test('the average weighs by media time, not by frames', () => {
  const smoother = new Smoother({ ...SMOOTHING, minOnMs: 0 });
  const into: Transition[] = [];
  smoother.observe(0, Float32Array.of(0), into);
  smoother.observe(600, Float32Array.of(1), into); // three half-lives: 1 − 1/8
  expect(into.map(({ score }) => score.current)).toEqual([0.875]);
});

test('a second score at the same time moves nothing but counts as raw', () => {
  const smoother = new Smoother({ ...SMOOTHING, halfLifeMs: 0, minOnMs: 0 });
  const into: Transition[] = [];
  for (const score of [0.75, 0]) smoother.observe(0, Float32Array.of(score), into);
  expect(into.map(brief)).toEqual(['0 started threshold 0- @0']);
  expect(smoother.openSegments()).toEqual([
    { label: 0, startMs: 0, score: { peak: 0.75, mean: 0.375 }, frames: { observed: 2, expected: 2 } },
  ]);
});

test('an average equal to enter opens and one equal to exit does not close', () => {
  // s: .5 pending … on at 400, then .25 (not < .25) stays on
  const smoother = new Smoother(SMOOTHING);
  expect(feed(smoother, [0.5, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25]).map(brief)).toEqual([
    '0 started threshold 0- @400',
  ]);
});

test('a pending label is dropped by any average below exit and starts over', () => {
  // s 1 .5 .25 .625: never below exit; on at 400, the first frame with t − t1 ≥ 400
  expect(feed(new Smoother(SMOOTHING), [1, 0, 0, 1]).map(brief)).toEqual(['0 started threshold 0- @400']);
  // s .5 .25 .125: off at 400, although 400 − 0 ≥ minOn; then .5625 pending at 600, on at 1000
  expect(feed(new Smoother(SMOOTHING), [0.5, 0, 0, 1, 1, 1]).map(brief)).toEqual([
    '0 started threshold 600- @1000',
  ]);
});

test('a pending label between the thresholds may still start', () => {
  // s .5 .4375 .40625: never < .25
  expect(feed(new Smoother(SMOOTHING), [0.5, 0.375, 0.375]).map(brief)).toEqual([
    '0 started threshold 0- @400',
  ]);
});

test('a closing label that comes back to exit goes on as the same segment', () => {
  // s 1 1 1 .5 .25 .125 (closing at 1000) .5625 (on) .28125 .140625 (closing at 1600) … ended at 2200
  const scores = [1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0];
  expect(feed(new Smoother(SMOOTHING), scores).map(brief)).toEqual([
    '0 started threshold 0- @400',
    '0 ended threshold 0-1600 @2200',
  ]);
});

test('a return at the very frame that would end a segment keeps it', () => {
  // closing at 1000, minOff reached at 1600, where s = .5 · .03125 + .5 ≥ .25
  const scores = [1, 1, 1, 0, 0, 0, 0, 0, 1];
  expect(feed(new Smoother(SMOOTHING), scores).map(brief)).toEqual(['0 started threshold 0- @400']);
});

test('without least times a label starts and ends at the frame that crosses', () => {
  const smoother = new Smoother({ ...SMOOTHING, minOnMs: 0, minOffMs: 0 });
  // s 1 .5 .25 .125
  expect(feed(smoother, [1, 0, 0, 0]).map(brief)).toEqual([
    '0 started threshold 0- @0',
    '0 ended threshold 0-600 @600',
  ]);
});

test('within a frame ends come before starts, each by label index', () => {
  const limits = { enter: 0.5, exit: 0.25 };
  const smoothing = { ...SMOOTHING, halfLifeMs: 0, minOnMs: 0, minOffMs: 0 };
  const smoother = new Smoother({ ...smoothing, thresholds: [limits, limits, limits, limits] });
  const into: Transition[] = [];
  smoother.observe(0, Float32Array.of(0, 1, 0, 1), into);
  smoother.observe(200, Float32Array.of(1, 0, 1, 0), into);
  expect(into.map(brief)).toEqual([
    '1 started threshold 0- @0',
    '3 started threshold 0- @0',
    '1 ended threshold 0-200 @200',
    '3 ended threshold 0-200 @200',
    '0 started threshold 200- @200',
    '2 started threshold 200- @200',
  ]);
});

test('at a gap ON ends at the last observation, CLOSING at its low score, PENDING vanishes', () => {
  const limits = { enter: 0.5, exit: 0.25 };
  const smoother = new Smoother({ ...SMOOTHING, thresholds: [limits, limits, limits] });
  const into: Transition[] = [];
  // label 0 stays on; label 1: s 1 1 1 .5 .25 .125 (closing at 1000) .0625; label 2 pending from 1000
  const second = [1, 1, 1, 0, 0, 0, 0];
  const third = [0, 0, 0, 0, 0, 1, 1];
  for (let n = 0; n < 7; n++) smoother.observe(n * STEP_MS, Float32Array.of(1, second[n]!, third[n]!), into);
  into.length = 0;
  smoother.gap(9000, into);
  expect(into.map(brief)).toEqual(['0 ended gap 0-1200 @9000', '1 ended gap 0-1000 @9000']);
  expect(into.map(({ score }) => score)).toEqual([
    { current: 1, peak: 1, mean: 1 },
    { current: 0.0625, peak: 1, mean: 3 / 7 },
  ]);
  expect([smoother.lastMs, smoother.openSegments()]).toEqual([null, []]);
});

test('the average starts again at the first raw score after a gap', () => {
  const smoother = new Smoother(SMOOTHING);
  const into = feed(smoother, [0, 0, 0]);
  smoother.gap(5000, into);
  into.push(...feed(smoother, [0.6, 0.6, 0.6], 5000));
  expect(into.map(brief)).toEqual(['0 started threshold 5000- @5400']);
  expect(into[0]!.score.current).toBe(Math.fround(0.6));
});

test('nothing of the average before a gap is left, however small the score after it', () => {
  const smoother = new Smoother(SMOOTHING);
  const into = feed(smoother, [1]);
  smoother.gap(5000, into);
  feed(smoother, [1e-20], 5000);
  expect(smoother.stored().smoothed).toEqual([Math.fround(1e-20)]);
});

test('a segment that just started when a gap comes is one millisecond long', () => {
  const smoother = new Smoother({ ...SMOOTHING, minOnMs: 0 });
  const into = feed(smoother, [1], 800);
  smoother.gap(9000, into);
  expect(into.map(brief)).toEqual(['0 started threshold 800- @800', '0 ended gap 800-801 @9000']);
});

test('at the end ON ends with the stream, CLOSING at its low score, a long enough PENDING is kept', () => {
  const limits = { enter: 0.5, exit: 0.25 };
  const smoother = new Smoother({ ...SMOOTHING, thresholds: [limits, limits, limits, limits] });
  const into: Transition[] = [];
  const closing = [1, 1, 1, 0, 0, 0, 0]; // closing from 1000
  const kept = [0, 0, 0, 0, 0, 1, 1]; // pending from 1000: 1400 − 1000 ≥ 400
  const late = [0, 0, 0, 0, 0, 0, 1]; // pending from 1200: 1400 − 1200 < 400
  for (let n = 0; n < 7; n++) {
    smoother.observe(n * STEP_MS, Float32Array.of(kept[n]!, closing[n]!, 1, late[n]!), into);
  }
  into.length = 0;
  smoother.end(1400, into);
  expect(into.map(brief)).toEqual([
    '1 ended end-of-stream 0-1000 @1400',
    '2 ended end-of-stream 0-1400 @1400',
    '0 started threshold 1000- @1400',
    '0 ended end-of-stream 1000-1400 @1400',
  ]);
  expect(into[2]!.score).toEqual({ current: 0.75, peak: 1, mean: 1 });
});

test('open segments are those that are on or closing', () => {
  const limits = { enter: 0.5, exit: 0.25 };
  const smoother = new Smoother({ ...SMOOTHING, thresholds: [limits, limits] });
  const into: Transition[] = [];
  for (const [n, pair] of [
    [1, 0],
    [1, 0],
    [0.5, 1],
  ].entries()) {
    smoother.observe(n * STEP_MS, Float32Array.from(pair), into);
  }
  expect(smoother.openSegments()).toEqual([
    { label: 0, startMs: 0, score: { peak: 1, mean: 2.5 / 3 }, frames: { observed: 3, expected: 3 } },
  ]);
});
