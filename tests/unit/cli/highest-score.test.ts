import { expect, test } from '@jest/globals';
import { toHighestText } from '../../../src/cli/highest-score.js';

const labels = [
  { name: 'dog', enter: 0.7 },
  { name: 'cat', enter: 0.5 },
];
const block = (minute: number, curves: readonly [number, readonly number[]][]) => ({
  minute,
  timesMs: [0, 200],
  curves: new Map(curves.map(([label, scores]) => [label, Float32Array.from(scores)])),
});

test('the highest of all scores is named with what its label needs', () => {
  const blocks = [
    block(0, [[1, [Number.NaN, 0.07]]]),
    block(1, [
      [0, [0.06, 0.05]],
      [1, [0.05, 0.1]],
    ]),
  ];
  expect(toHighestText(blocks, labels)).toBe('highest: cat 0.10 (enter 0.50); labelcast explain shows why');
});

test('a score just below its threshold does not look like it', () => {
  expect(toHighestText([block(0, [[1, [0.4996, 0.1]]])], labels)).toContain('cat 0.4996 (enter 0.5000)');
});

test('where no label came to what is kept that is said, and nothing where no scores are', () => {
  expect(toHighestText([block(0, [])], labels)).toBe('no score came to 0.05');
  expect(toHighestText([], labels)).toBeNull();
});
