import { expect, test } from '@jest/globals';
import { keyFramesOnly, subsample, type Trace } from '../../../bench/truth/trace.js';

/** As many frames, 25 a second, whose one score is their number; some of them are damaged. */
function toTrace(count: number, damaged: readonly number[] = []): Trace {
  const frames = Array.from({ length: count }, (_, n) => ({
    ptsMs: 40 * n,
    damaged: damaged.includes(n),
    scores: Float32Array.of(n),
  }));
  return {
    labels: ['cat'],
    fps: null,
    end: { durationMs: 40 * count, cause: null },
    modelSha256: '',
    keyFramesMs: [0, 2000],
    frames,
  };
}

function timesOf({ frames }: Trace): number[] {
  return frames.map(({ ptsMs }) => ptsMs);
}

test('the first frame of each cell is chosen, with its scores', () => {
  const chosen = subsample(toTrace(26), 10);
  expect(timesOf(chosen)).toEqual([0, 120, 200, 320, 400, 520, 600, 720, 800, 920, 1000]);
  expect(chosen.frames.map(({ scores }) => scores[0])).toEqual([0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25]);
  expect(chosen.fps).toBe(10);
  expect(timesOf(subsample(toTrace(26), 1))).toEqual([0, 1000]);
});

test('damage before a frame that is left out is told of the next one that is chosen', () => {
  const { frames } = subsample(toTrace(26, [6, 20]), 5);
  expect(frames.filter(({ damaged }) => damaged).map(({ ptsMs }) => ptsMs)).toEqual([400, 800]);
});

test('key frames alone are those that the encoder set', () => {
  const chosen = keyFramesOnly(toTrace(75), 5);
  expect(timesOf(chosen)).toEqual([0, 2000]);
  expect(chosen.fps).toBe(5);
});

test('a gap between key frames is three times their distance, without what damage makes longer', () => {
  expect(keyFramesOnly(toTrace(75), 5).gapToleranceMs).toBe(6000);
  expect(keyFramesOnly(toTrace(75, [60]), 5).gapToleranceMs).toBe(6000);
  expect(keyFramesOnly(toTrace(75, [30]), 5).gapToleranceMs).toBe(3000);
});

test('what a trace of 10 frames a second does not hold is refused', () => {
  const trace = subsample(toTrace(26), 10);
  expect(timesOf(subsample(trace, 5))).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(() => subsample(trace, 25)).toThrow('does not hold those of 25');
  expect(() => keyFramesOnly(trace, 5)).toThrow('lacks key frames');
});
