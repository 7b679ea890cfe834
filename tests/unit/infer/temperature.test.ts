import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atTemperature } from '../../../src/infer/temperature.js';

const logOdds = (p: number): number => Math.log(p / (1 - p));

test('the log-odds of scores are divided by the temperature, in place', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.double({ min: 0.3, max: 10, noNaN: true }),
      (p, t) => {
        const scores = Float64Array.of(p) as unknown as Float32Array;
        expect(atTemperature(scores, t)).toBe(scores);
        expect(logOdds(scores[0]!)).toBeCloseTo(logOdds(p) / t, 4);
      },
    ),
  );
});

test('0, 0.5 and 1 stay, and so does what is no number', () => {
  expect([...atTemperature(Float32Array.of(0, 0.5, 1, Number.NaN), 3)]).toEqual([0, 0.5, 1, Number.NaN]);
});
