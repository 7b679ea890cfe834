import { expect, test } from '@jest/globals';
import {
  findScoreAt,
  readScores,
  type ScoreCurve,
  toScorePoints,
  toScoreTimes,
} from '../../../src/report/page/score-curve.js';
import { toSampleSource } from '../../e2e/report-samples.js';

const SOURCE = { ...toSampleSource('a.mp4', { labels: [] }), scoreSteps: [100, 200, 700] };

function curve(gaps: ScoreCurve['gaps'] = []): ScoreCurve {
  const timesMs = toScoreTimes(SOURCE);
  const base64 = Buffer.from([0, 51, 255]).toString('base64');
  return { timesMs, bytes: readScores(base64, timesMs.length), gaps };
}

test('scores are bytes, at the sums of the steps', () => {
  expect(toScorePoints(curve())).toEqual({ timesMs: [100, 300, 1000], scores: [0, 0.2, 1] });
});

test('a curve is broken where a gap begins, even at a frame', () => {
  expect(toScorePoints(curve([{ startMs: 300, endMs: 900 }]))).toEqual({
    timesMs: [100, 300, 300, 1000],
    scores: [0, 0.2, null, 1],
  });
  expect(toScorePoints(curve([{ startMs: 500, endMs: 900 }])).timesMs).toEqual([100, 300, 500, 1000]);
});

test('a score holds until the next one, or until a gap begins', () => {
  const at = (times: readonly number[], gaps: ScoreCurve['gaps'] = []) =>
    times.map((ms) => findScoreAt(curve(gaps), ms));
  expect(at([99, 100, 299, 300, 999, 5000])).toEqual([null, 0, 0, 0.2, 0.2, 1]);
  expect(at([300, 301, 950, 1000], [{ startMs: 300, endMs: 900 }])).toEqual([0.2, null, null, 1]);
});

test('scores that were cut short are zero', () => {
  expect([...readScores(Buffer.from([7]).toString('base64'), 3)]).toEqual([7, 0, 0]);
});
