import { expect, test } from '@jest/globals';
import { PictureOrder } from '../../../src/ingest/picture-order.js';

function isBroken(...timesMs: readonly (number | null)[]): boolean {
  const order = new PictureOrder();
  for (const ms of timesMs) order.observe(ms);
  return order.isBroken;
}

test.each<[string, readonly (number | null)[]]>([
  ['the second', [1000, 960]],
  ['one after pictures without times', [1000, null, null, 500]],
  ['one of a long group', [10_000, 20_000, 10_000]],
  ['one of many, and order after it', [0, 2000, 1000, 3000, 4000]],
])('an early picture that was taken shortly before the last one is out of order: %s', (_, timesMs) => {
  expect(isBroken(...timesMs)).toBe(true);
});

test.each<[string, readonly (number | null)[]]>([
  ['none', []],
  ['rising and equal times', [0, 2000, 2000, 4000]],
  ['a clock set back by an hour', [3_600_000, 3_602_000, 2000, 4000]],
  ['a clock set back by a little more than a group of pictures', [20_000, 4999, 6000]],
  ['a clock that wraps', [95_443_000, 300]],
  ['a clock set back by little later on', [...Array.from({ length: 16 }, (_, n) => n * 2000), 29_000]],
])('a clock that steps back is no other order: %s', (_, timesMs) => {
  expect(isBroken(...timesMs)).toBe(false);
});
