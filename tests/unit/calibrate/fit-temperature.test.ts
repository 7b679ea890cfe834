import { expect, test } from '@jest/globals';
import { fitTemperature } from '../../../src/calibrate/fit-temperature.js';
import { createRandom } from '../../../src/calibrate/random.js';

const byOne = { foldOf: (n: number) => n, present: 1 };

/** Log-odds that are `boldness` times what they should be. */
function toSets(boldness: number) {
  const random = createRandom(7);
  return Array.from({ length: 5 }, () => {
    const pairs = Array.from({ length: 2000 }, () => {
      const z = random.between(-4, 4);
      return { z: z * boldness, holds: random.chance(1 / (1 + Math.exp(-z))) };
    });
    return { logOdds: pairs.map(({ z }) => z), holds: pairs.map(({ holds }) => holds) };
  });
}

test.each([
  [2, 2],
  [0.5, 0.5],
])('scores %d times too bold need that temperature', (boldness, temperature) => {
  const fit = fitTemperature(toSets(boldness), byOne);
  expect(fit.temperature / temperature).toBeCloseTo(1, 1);
  expect(fit.after).toBeLessThan(fit.before);
});

test('scores that are what they say keep theirs', () => {
  expect(fitTemperature(toSets(1), byOne).temperature).toBe(1);
});

test('log loss is that of probabilities', () => {
  const set = { logOdds: [Math.log(3), Math.log(1 / 3)], holds: [true, true] };
  const { before } = fitTemperature([set, set], byOne);
  expect(before).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, 10);
});

test('one on top of another stays within what a configuration takes', () => {
  const { temperature } = fitTemperature(toSets(0.5), { foldOf: (n) => n, present: 0.18 });
  expect(temperature * 0.18).toBeCloseTo(0.1, 2);
  expect(temperature * 0.18).toBeGreaterThanOrEqual(0.1);
});
