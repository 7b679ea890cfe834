import { expect, test } from '@jest/globals';
import { attribute } from '../../services/kafka-copies.js';

test('a copy belongs to the first kill whose batch it lies in, once; others are explained by none', () => {
  const kills = [
    { committed: 900, delivered: 100 },
    { committed: 900, delivered: 300 },
  ];
  expect(attribute(kills, [])).toEqual({ copies: [0, 0], unexplained: 0 });
  expect(attribute(kills, [101, 356, 356, 357, 556])).toEqual({ copies: [2, 3], unexplained: 0 });
  expect(attribute(kills, [100, 557, 101, 101, 101])).toEqual({ copies: [1, 0], unexplained: 4 });
});
