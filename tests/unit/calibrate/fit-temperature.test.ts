import { expect, test } from '@jest/globals';
import { fitTemperature } from '../../../src/calibrate/fit-temperature.js';
import { createRandom } from '../../../src/calibrate/random.js';

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
  const fit = fitTemperature(toSets(boldness), (n) => n);
  expect(fit.temperature / temperature).toBeCloseTo(1, 1);
  expect(fit.after).toBeLessThan(fit.before);
});

test('scores that are what they say keep theirs', () => {
  expect(fitTemperature(toSets(1), (n) => n).temperature).toBe(1);
});

test('log loss is that of probabilities', () => {
  const set = { logOdds: [Math.log(3), Math.log(1 / 3)], holds: [true, true] };
  const { before } = fitTemperature([set, set], (n) => n);
  expect(before).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, 10);
});
