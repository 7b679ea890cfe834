import { expect, test } from '@jest/globals';
import { readConfig } from '../../../src/config/read-config.js';
import { resolveSmoothing, type SmoothingDefaults } from '../../../src/config/smoothing.js';
import { ConfigError } from '../../../src/errors.js';

const manifest: SmoothingDefaults = {
  labels: [{ name: 'dog', enter: 0.7, exit: 0.5 }, { name: 'cat' }],
  smoothing: { halfLifeMs: 400, minOnMs: 400, minOffMs: 1000, gapToleranceMs: 3000, enter: 0.5, exit: 0.3 },
};
const none = readConfig(null, {}).smoothing;

test('a manifest label wins over the manifest default', () => {
  expect(resolveSmoothing(manifest, none, ['dog', 'cat']).thresholds).toEqual([
    { enter: 0.7, exit: 0.5 },
    { enter: 0.5, exit: 0.3 },
  ]);
});

test('a config default wins over the manifest, and a config label over both', () => {
  const config = { ...none, enter: 0.8, labels: { cat: { enter: 0.9 } } };
  expect(resolveSmoothing(manifest, config, ['dog', 'cat']).thresholds).toEqual([
    { enter: 0.8, exit: 0.5 },
    { enter: 0.9, exit: 0.3 },
  ]);
});

test('only the chosen labels get thresholds, in the order chosen', () => {
  expect(resolveSmoothing(manifest, none, ['cat']).thresholds).toEqual([{ enter: 0.5, exit: 0.3 }]);
});

test('a label the model lacks and an exit above enter are refused together', () => {
  const config = { ...none, enter: 0.4, labels: { unicorn: { enter: 0.5 } } };
  try {
    resolveSmoothing(manifest, config, ['dog']);
    throw new Error('accepted');
  } catch (error) {
    expect((error as ConfigError).issues).toEqual([
      'smoothing.labels.unicorn: the model has no such label',
      'smoothing: dog would end at 0.5 and begin at 0.4; exit must be below enter',
    ]);
  }
});

test("the config's temperature wins over the model's, and one of 1 is none", () => {
  const warm = { ...manifest, smoothing: { ...manifest.smoothing, temperature: 1.5 } };
  expect(resolveSmoothing(warm, none, ['cat']).temperature).toBe(1.5);
  expect(resolveSmoothing(warm, { ...none, temperature: 0.8 }, ['cat']).temperature).toBe(0.8);
  expect(resolveSmoothing(warm, { ...none, temperature: 1 }, ['cat'])).not.toHaveProperty('temperature');
  expect(resolveSmoothing(manifest, none, ['cat'])).not.toHaveProperty('temperature');
});
