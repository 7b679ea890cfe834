import { describe, expect, test } from '@jest/globals';
import { WAYS } from '../../../bench/smoothing/ways.js';
import type { Trace } from '../../../bench/truth/trace.js';

const THRESHOLDS = [{ enter: 0.5, exit: 0.3 }];

/** Of one label, at 5 frames/s; `damagedAt`: the frame before which something was lost. */
function toTrace(scores: readonly number[], times = scores.map((_, n) => n * 200), damagedAt = -1): Trace {
  return {
    modelSha256: '',
    labels: ['dog'],
    fps: 5,
    end: { durationMs: times.at(-1)! + 200, cause: null },
    keyFramesMs: [],
    frames: scores.map((score, n) => ({
      ptsMs: times[n]!,
      damaged: n === damagedAt,
      scores: Float32Array.of(score),
    })),
  };
}

function segments(name: string, trace: Trace, settings?: Readonly<Record<string, number>>): number[][] {
  const way = WAYS.find((one) => one.name === name)!;
  return way
    .segments(trace, THRESHOLDS, { ...way.usual, ...settings })
    .map(({ startMs, endMs, confirmedMs }) => [startMs, endMs, confirmedMs!]);
}

const FLICKER = [0, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9, 0.2, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1];

describe('a flickering label', () => {
  test('is on whenever its raw score is at the threshold', () => {
    expect(segments('raw threshold', toTrace(FLICKER))).toEqual([
      [200, 400, 200],
      [600, 1400, 600],
      [1600, 1800, 1600],
    ]);
  });

  test('is on while most of the last three scores are', () => {
    expect(segments('median of n scores', toTrace(FLICKER), { n: 3 })).toEqual([[600, 1800, 600]]);
  });

  test('is on since the first of three equal states, and off since the first of three others', () => {
    expect(segments('n equal states', toTrace(FLICKER), { n: 3 })).toEqual([[600, 1800, 1000]]);
  });

  test('is on between two thresholds once it was above the upper one', () => {
    const scores = [0.4, 0.6, 0.4, 0.4, 0.2, 0.4];
    expect(segments('two thresholds', toTrace(scores), { drop: 0.8 })).toEqual([[200, 800, 200]]);
  });

  test('is on while its average is', () => {
    // half-life of an interval: 0, 0.45, 0.675, 0.3375
    expect(segments('moving average', toTrace([0, 0.9, 0.9, 0, 0]), { halfLifeMs: 200 })).toEqual([
      [400, 600, 400],
    ]);
  });

  test('is on by our own smoother once it was for minOn, and off after minOff', () => {
    const settings = { halfLifeMs: 0.001, minOnMs: 400, minOffMs: 600, drop: 0.8 };
    expect(segments('labelcast', toTrace(FLICKER), settings)).toEqual([[600, 1800, 1000]]);
  });

  test('moves a two-state filter only as far as its evidence goes', () => {
    const steady = [0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9];
    const [slow] = segments('two-state Bayes filter', toTrace(steady), { weight: 3, on: 0.2, off: 0.2 });
    const [quick] = segments('two-state Bayes filter', toTrace(steady), { weight: 30, on: 0.2, off: 0.2 });
    expect(quick![0]).toBe(400);
    expect(slow![0]).toBeGreaterThan(quick![0]!);
  });
});

test.each(WAYS.map(({ name }) => name))('%s ends what is open at a hole with damage in it', (name) => {
  const on = Array.from({ length: 20 }, () => 0.99);
  const times = on.map((_, n) => n * 200 + (n < 10 ? 0 : 8000));
  expect(segments(name, toTrace(on, times, 10)).map(([, endMs]) => endMs)).toEqual([1800, 12_000]);
  expect(segments(name, toTrace(on, times)).map(([, endMs]) => endMs)).toEqual([12_000]);
});

test.each(WAYS.map(({ name }) => name))('%s finds nothing where nothing is', (name) => {
  expect(segments(name, toTrace(Array.from({ length: 50 }, () => 0.01)))).toEqual([]);
});
