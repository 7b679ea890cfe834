import { expect, test } from '@jest/globals';
import { toDelays, toSightings, toSpread } from '../../../src/calibrate/delay.js';
import { toEndDelays } from '../../../bench/smoothing/end-delay.js';
import { toAverages, toMap } from '../../../bench/smoothing/frame-scores.js';
import { toDifference } from '../../../src/calibrate/paired-difference.js';
import type { LabClip, Measured } from '../../../bench/smoothing/lab.js';
import { toBest, tryAll } from '../../../bench/smoothing/tune.js';
import { createRandom } from '../../../src/calibrate/random.js';
import { toJudgedClip } from '../../../src/eval/judged-clip.js';

const THRESHOLDS = [{ enter: 0.5, exit: 0.3 }];
const TRUTH = {
  durationMs: 10_000,
  labels: null,
  segments: [
    { label: 'dog', startMs: 1000, endMs: 4000 },
    { label: 'dog', startMs: 6000, endMs: 8000 },
  ],
  optional: [],
};

function toClip(): LabClip {
  const frames = Array.from({ length: 50 }, (_, n) => ({
    ptsMs: n * 200,
    damaged: false,
    scores: Float32Array.of(n * 200 >= 1600 && n * 200 < 4000 ? 0.8 : 0.1),
  }));
  const end = { durationMs: 10_000, cause: null };
  const trace = { modelSha256: '', labels: ['dog'], fps: 5, end, keyFramesMs: [], frames };
  const truth = toJudgedClip(TRUTH, { labels: ['dog'], durationMs: 10_000 });
  return { name: 'a', trace, truth, sightings: toSightings({ trace, truth }, THRESHOLDS) };
}

test('a label is sighted where its raw score first reaches enter in a true segment', () => {
  expect(toClip().sightings).toEqual([{ label: 'dog', seenMs: 1600, endMs: 4000 }]);
});

test('a delay runs from the sighting to when the first segment over it was sure', () => {
  const { sightings } = toClip();
  const at = (startMs: number, endMs: number, confirmedMs: number) => ({
    label: 'dog',
    startMs,
    endMs,
    confirmedMs,
  });
  expect(toDelays(sightings, [at(2000, 2600, 2400), at(3000, 3500, 3400)])).toEqual([800]);
  expect(toDelays(sightings, [at(500, 2600, 900)])).toEqual([0]);
  expect(toDelays(sightings, [at(5000, 6000, 5400)])).toEqual([]);
});

test('an end is late by how long after the label was gone it was told, unless the label was back before', () => {
  const { truth } = toClip();
  const at = (startMs: number, endMs: number, toldMs: number) => {
    return { label: 'dog', startMs, endMs, confirmedMs: startMs, toldMs };
  };
  expect(toEndDelays(truth, [at(1200, 4200, 5200), at(6200, 7000, 7800)])).toEqual([1200, 0]);
  expect(toEndDelays(truth, [at(1200, 8200, 9200)])).toEqual([1200]);
  expect(toEndDelays(truth, [at(4200, 5000, 5800)])).toEqual([]);
});

test('averages stand at the frames, not where a picture is held, and steady scores keep their mAP', () => {
  const { trace, truth, ...rest } = toClip();
  const sparse = { ...trace, frames: trace.frames.filter((_, n) => n % 2 === 0) };
  const smoothing = {
    halfLifeMs: 200,
    minOnMs: 0,
    minOffMs: 0,
    gapToleranceMs: 3000,
    thresholds: THRESHOLDS,
  };
  const averages = toAverages(sparse, smoothing);
  expect(averages.slice(3, 6).map(([average]) => average)).toEqual([
    expect.closeTo(0.1),
    expect.closeTo(0.45),
    expect.closeTo(0.7125),
  ]);
  const clips = [{ trace, truth, ...rest }];
  expect(toMap(clips, ({ frames }) => frames.map(({ scores }) => scores)).mean).toBeGreaterThan(0.5);
});

test('spreads are nearest ranks', () => {
  const values = Array.from({ length: 20 }, (_, n) => 20 - n);
  expect(toSpread(values)).toEqual({ medianMs: 10, p95Ms: 19, count: 20 });
  expect(toSpread([]).medianMs).toBe(Number.POSITIVE_INFINITY);
});

test('the usual settings are tried first, and draws stay in their ranges', () => {
  const ranges = { n: { low: 2, high: 4, isWhole: true }, ms: { low: 10, high: 1000, isLog: true } };
  const seen: Readonly<Record<string, number>>[] = [];
  const draw = () =>
    tryAll({ usual: { n: 3, ms: 400 }, ranges }, { budget: 200, random: createRandom(7) }, (settings) => {
      seen.push(settings);
      return {} as Measured;
    });
  draw();
  const first = seen.splice(0);
  draw();
  expect(seen).toEqual(first);
  expect(first[0]).toEqual({ n: 3, ms: 400 });
  expect([...new Set(first.slice(1).map(({ n }) => n!))].sort((a, b) => a - b)).toEqual([2, 3, 4]);
  expect(first.every(({ ms }) => ms! >= 10 && ms! <= 1000)).toBe(true);
  expect(first.filter(({ ms }) => ms! < 100).length).toBeGreaterThan(60);
});

test('the best trial is the one with most F1 within the limits', () => {
  const trial = (at25: number, p95Ms: number, onsetMs: number | null) => ({
    settings: { at25 },
    metrics: {
      f1: { at25 },
      delay: { p95Ms },
      endDelay: { medianMs: 10_000 * at25 },
      onsetLatency: { medianMs: 0, p95Ms: onsetMs },
    } as Measured,
  });
  const trials = [trial(0.1, 0, 0), trial(0.9, 2000, 9000), trial(0.5, 1000, null), trial(0.4, 0, 4000)];
  expect(toBest(trials, { delayMs: 1800 })?.settings).toEqual({ at25: 0.5 });
  expect(toBest(trials, {})?.settings).toEqual({ at25: 0.9 });
  expect(toBest(trials, { delayMs: 5000, endMs: 5000 })?.settings).toEqual({ at25: 0.5 });
  expect(toBest(trials, { delayMs: 1800, endMs: 4000 })?.settings).toEqual({ at25: 0.4 });
  expect(toBest(trials, { onsetMs: 5000 })?.settings).toEqual({ at25: 0.4 });
  expect(toBest(trials, { endMs: 500 })).toBeNull();
});

test('a difference holds its interval, and is nothing between equals', () => {
  const clip = toClip();
  const right = TRUTH.segments.map((segment) => ({ ...segment, confirmedMs: null }));
  const half = right.slice(0, 1);
  const clips = [clip, clip, clip, clip];
  const same = toDifference(
    clips.map(({ truth }) => truth),
    [clips.map(() => half), clips.map(() => half)],
    createRandom(1),
  );
  expect(same).toEqual({ value: 0, low: 0, high: 0 });
  const mixed = [right, right, half, right];
  const { value, low, high } = toDifference(
    clips.map(({ truth }) => truth),
    [mixed, clips.map(() => half)],
    createRandom(1),
  );
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(low).toBeGreaterThanOrEqual(0);
  expect(high).toBeCloseTo(1 - 2 / 3);
});
