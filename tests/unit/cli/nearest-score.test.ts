import { expect, test } from '@jest/globals';
import { toNearestText } from '../../../src/cli/nearest-score.js';

const labels = [
  { name: 'dog', enter: 0.7 },
  { name: 'cat', enter: 0.5 },
];
const block = (minute: number, curves: readonly [number, readonly number[]][]) => ({
  minute,
  timesMs: [0, 200],
  curves: new Map(curves.map(([label, scores]) => [label, Float32Array.from(scores)])),
});

test('the score that came nearest to what its label needs is named with that', () => {
  const blocks = [
    block(0, [[1, [Number.NaN, 0.07]]]),
    block(0, [[0, [0.29, 0.2]]]), // higher, and further away
    block(1, [
      [0, [0.06, 0.05]],
      [1, [0.05, 0.1]],
    ]),
  ];
  expect(toNearestText(blocks, labels)).toBe('nearest: cat 0.10 (enter 0.50); labelcast explain shows why');
});

test('a score just below its threshold does not look like it', () => {
  expect(toNearestText([block(0, [[1, [0.4996, 0.1]]])], labels)).toContain('cat 0.4996 (enter 0.5000)');
});

test('where no label came to what is kept that is said, and nothing where no scores are', () => {
  expect(toNearestText([block(0, [])], labels)).toBe('no score came to 0.05');
  expect(toNearestText([], labels)).toBeNull();
});
