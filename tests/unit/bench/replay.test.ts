import { expect, test } from '@jest/globals';
import { countEventsPerSecond, RecordedCamera, toLapMs } from '../../../bench/replay/recorded-camera.js';
import { ReplayClock } from '../../../bench/replay/replay-clock.js';
import type { Trace } from '../../../bench/truth/trace.js';

const SMOOTHING = { halfLifeMs: 1, minOnMs: 0, minOffMs: 0, gapToleranceMs: 3000 };
const THRESHOLDS = [{ enter: 0.5, exit: 0.4 }];

/** Frames at 0, 200, 400 … ms with a score each. */
function toTrace(scores: readonly number[]): Trace {
  return {
    modelSha256: '',
    labels: ['cat'],
    fps: 5,
    end: { durationMs: scores.length * 200, cause: null },
    keyFramesMs: [],
    frames: scores.map((score, n) => ({ ptsMs: n * 200, damaged: false, scores: Float32Array.of(score) })),
  };
}

function take(camera: RecordedCamera, afterMs: number, count: number): [number, number][] {
  const frames = camera.framesAfter(afterMs);
  return Array.from({ length: count }, () => {
    const { atMs, scores } = frames.next().value;
    return [atMs, scores[0]!];
  });
}

test('a camera shows its clip again and again, and what it shows is told by the time alone', () => {
  const trace = toTrace([1, 2, 3]);
  expect(toLapMs(trace)).toBe(600);
  const camera = new RecordedCamera(trace, 10_000);
  const all = take(camera, 9999, 7);
  expect(all).toEqual([
    [10_000, 1],
    [10_200, 2],
    [10_400, 3],
    [10_600, 1],
    [10_800, 2],
    [11_000, 3],
    [11_200, 1],
  ]);
  expect(take(camera, 10_400, 4)).toEqual(all.slice(3));
  expect(take(camera, 10_399, 5)).toEqual(all.slice(2));
  expect(take(camera, 9500, 1)).toEqual([[9600, 2]]); // before it was known to have begun
});

test('the events of a clip are counted by the smoother, beyond its end', () => {
  const smoothing = { ...SMOOTHING, thresholds: THRESHOLDS };
  // on at 200 ms, off at 600 ms: two events in a lap of 1 s
  expect(countEventsPerSecond(toTrace([0, 1, 1, 0, 0]), smoothing)).toBe(2);
  // on for ever, after the first lap too
  expect(countEventsPerSecond(toTrace([1, 1, 1, 1, 1]), smoothing)).toBe(0.25);
  expect(() => countEventsPerSecond(toTrace([0, 0]), smoothing)).toThrow(/no label holds/);
});

test('the clock of a replay goes faster from its origin on, and is waited for', async () => {
  const originMs = Date.now() - 1000;
  const clock = new ReplayClock(originMs, 10);
  const now = clock.now();
  expect(now - originMs).toBeGreaterThanOrEqual(10_000);
  await clock.until(now + 500, new AbortController().signal);
  expect(clock.now()).toBeGreaterThanOrEqual(now + 490); // a timer may be early by a millisecond
  await clock.until(now + 1e9, AbortSignal.abort());
  expect(clock.now()).toBeLessThan(now + 1e9);
});
