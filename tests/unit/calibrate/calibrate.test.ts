import { expect, test } from '@jest/globals';
import { calibrate, type Expected } from '../../../src/calibrate/calibrate.js';
import { toParts } from '../../../src/calibrate/parts.js';
import { toSegments } from '../../../src/calibrate/scored-clip.js';
import { toJudgedClip } from '../../../src/eval/judged-clip.js';
import { judgedMs } from '../../../src/eval/judged-time.js';
import { toSegmentMetrics } from '../../../src/eval/segment-metrics.js';
import { JUMPY, toClip } from './clips.js';

const options = {
  smoothing: JUMPY,
  isTemperatureFixed: false,
  latestMs: 1800,
  budget: 60,
  onProgress: () => {},
};
const never = new AbortController().signal;

test('flicker is smoothed away, which is told by parts that were not used', async () => {
  const clips = [toClip(1, 12), toClip(2, 12)];
  const made = await calibrate(clips, options, never);
  const [kept] = made.expected;
  const chosen = made.expected.find(({ choice }) => choice === made.choice)!;
  expect(made.choice).not.toBe('kept');
  expect(made.gain.low).toBeGreaterThan(0.1);
  expect(made.gain.value).toBeCloseTo(chosen.metrics.f1.at25! - kept!.metrics.f1.at25!, 10);
  expect(chosen.metrics.flicker!).toBeLessThan(kept!.metrics.flicker! / 2);
  expect(chosen.delay.p95Ms).toBeLessThanOrEqual(1800);
  expect(made.smoothing.minOffMs % 10).toBe(0);
  for (const { enter, exit } of made.smoothing.thresholds) expect(exit).toBeLessThan(enter);
});

test('the same clips give the same settings', async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(() => calibrate([toClip(1, 12), toClip(2, 12)], { ...options, budget: 20 }, never)),
  );
  expect(other).toEqual(one);
});

test('what is right already is kept', async () => {
  const made = await calibrate([toClip(1, 0), toClip(2, 0)], options, never);
  expect(made.choice).toBe('kept');
  expect(made.smoothing).toBe(JUMPY);
  expect(made.gain.value).toBe(0);
});

test('a label that is always scored too high gets thresholds of its own', async () => {
  const clips = [1, 2, 3, 4].map((seed) => {
    const clip = toClip(seed, 0);
    const frames = clip.scored.frames.map((frame, n) => {
      // dog: 0.55 for a second of every eight where there is none
      const scores = frame.scores.slice();
      if (scores[1]! < 0.5 && n % 40 < 5) scores[1] = 0.55;
      return { ...frame, scores };
    });
    return { ...clip, scored: { ...clip.scored, frames } };
  });
  const made = await calibrate(clips, { ...options, budget: 1 }, never);
  const [cat, dog] = made.smoothing.thresholds;
  expect(made.choice).toBe('own');
  expect(cat!.enter).toBeCloseTo(0.5, 2);
  expect(dog!.enter).toBeGreaterThan(cat!.enter);
  expect(made.gain.value).toBeGreaterThan(0.05);
});

test('what would make starts late is left out and named, and taken where that is allowed', async () => {
  // dogs that are there score 0.51 for their first three seconds, and 0.55 for a second of every eight where there is none
  const clips = [1, 2, 3, 4].map((seed) => {
    const clip = toClip(seed, 0);
    let sinceMs = Number.POSITIVE_INFINITY;
    const frames = clip.scored.frames.map((frame, n) => {
      const scores = frame.scores.slice();
      const isThere = scores[1]! >= 0.5;
      sinceMs = isThere ? Math.min(sinceMs, frame.ptsMs) : Number.POSITIVE_INFINITY;
      if (isThere && frame.ptsMs - sinceMs < 3000) scores[1] = 0.51;
      if (!isThere && n % 40 < 5) scores[1] = 0.55;
      return { ...frame, scores };
    });
    return { ...clip, scored: { ...clip.scored, frames } };
  });
  const made = await calibrate(clips, { ...options, budget: 1 }, never);
  expect(made.expected.find(({ choice }) => choice === 'own')!.delay.p95Ms).toBeGreaterThan(1800);
  expect([made.choice, made.tooLate]).toEqual(['kept', 'own']);
  const patient = await calibrate(clips, { ...options, budget: 1, latestMs: 5000 }, never);
  expect([patient.choice, patient.tooLate]).toEqual(['own', null]);
});

test('an end of the signal ends it', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const running = calibrate(
    [toClip(1, 12)],
    { ...options, onProgress: () => stop.abort(reason) },
    stop.signal,
  );
  await expect(running).rejects.toBe(reason);
});

test('one clip is cut into eight parts that together are all of it, several stay whole', () => {
  const clip = toClip(1, 12);
  const parts = toParts([clip], JUMPY.thresholds);
  expect(parts.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const judged = parts.map((part) => judgedMs(part.judged.labels[0]!.holes, part.judged.durationMs));
  expect(judged).toEqual(parts.map(({ lengthMs }) => lengthMs));
  expect(judged.reduce((sum, ms) => sum + ms)).toBe(60_000);
  // cats hold to 10 s, dogs from 15 s on
  expect(judged.slice(0, 2)).toEqual([10_000, 5000]);
  const sightings = parts.flatMap((part) => part.sightings);
  expect(sightings.length).toBeGreaterThanOrEqual(clip.truth.segments.length);
  expect(
    toParts(
      [1, 2, 3, 4, 5].map((seed) => toClip(seed, 12)),
      JUMPY.thresholds,
    ),
  ).toHaveLength(5);
});

test('a temperature that other labels share is left alone', async () => {
  const clips = [toClip(1, 0), toClip(2, 12)];
  const [free, fixed] = await Promise.all(
    [false, true].map((isTemperatureFixed) =>
      calibrate(clips, { ...options, budget: 30, isTemperatureFixed }, never),
    ),
  );
  expect(free!.temperature.temperature).not.toBe(1);
  expect(fixed!.temperature).toEqual({ ...free!.temperature, temperature: 1 });
  expect(fixed!.smoothing).not.toHaveProperty('temperature');
});

test('a clip in parts tells the rates of the whole one', async () => {
  const clip = toClip(3, 12);
  const { expected } = await calibrate([clip], { ...options, budget: 1 }, never);
  const { labels } = clip.scored;
  const whole = toJudgedClip(clip.truth, { labels, durationMs: clip.durationMs });
  const told = toSegmentMetrics([{ clip: whole, found: toSegments(clip.scored, JUMPY) }]);
  const [{ metrics }] = expected as [Expected];
  expect(metrics.durationMs).toBe(60_000);
  expect(metrics.falseStartsPerHour! / told.falseStartsPerHour!).toBeCloseTo(1, 1);
  expect(metrics.trueSegments).toBeLessThan(told.trueSegments + 8);
});
