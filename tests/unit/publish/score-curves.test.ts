import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeScoreBlock, encodeScoreBlock } from '../../../src/publish/score-block.js';
import { ScoreCurves } from '../../../src/publish/score-curves.js';
import type { ScoreBlock } from '../../../src/types.js';

function toPlain({ minute, timesMs, curves }: ScoreBlock) {
  return { minute, timesMs, curves: [...curves].map(([label, scores]) => [label, ...scores]) };
}

test('a block a minute holds the labels that reached 0.05 in it', () => {
  const curves = new ScoreCurves(3, null);
  curves.add(0, Float32Array.of(0.5, 0.01, 0.25));
  curves.add(59_999, Float32Array.of(0.01, 0.01, 0.01));
  curves.add(60_000, Float32Array.of(0, 0.75, 0.01));
  const [first, second] = curves.take().map(toPlain);
  expect(first).toEqual({
    minute: 0,
    timesMs: [0, 59_999],
    curves: [
      [0, 0.5, Math.fround(0.01)],
      [2, 0.25, Math.fround(0.01)],
    ],
  });
  expect(second).toEqual({ minute: 1, timesMs: [60_000], curves: [[1, 0.75]] });
});

test('a minute in progress is handed over again, grown, and one that did not change is not', () => {
  const curves = new ScoreCurves(1, null);
  curves.add(0, Float32Array.of(0.5));
  expect(curves.take().map(toPlain)).toEqual([{ minute: 0, timesMs: [0], curves: [[0, 0.5]] }]);
  expect(curves.take()).toEqual([]);
  curves.add(200, Float32Array.of(0.25));
  expect(curves.take().map(toPlain)).toEqual([{ minute: 0, timesMs: [0, 200], curves: [[0, 0.5, 0.25]] }]);
  curves.add(60_000, Float32Array.of(0.01));
  expect(curves.take().map(toPlain)).toEqual([{ minute: 1, timesMs: [60_000], curves: [] }]);
});

test('the scores are copied: their owner may write over them', () => {
  const curves = new ScoreCurves(1, null);
  const scores = Float32Array.of(0.5);
  curves.add(0, scores);
  scores[0] = 0.9;
  expect(curves.take().map(toPlain)).toEqual([{ minute: 0, timesMs: [0], curves: [[0, 0.5]] }]);
});

test('a stored minute is continued; what it did not keep is no number, never an invented one', () => {
  const before = new ScoreCurves(2, null);
  before.add(0, Float32Array.of(0.5, 0.01));
  const after = new ScoreCurves(2, before.take()[0]!);
  expect(after.take()).toEqual([]);
  after.add(200, Float32Array.of(0.25, 0.75));
  expect(after.take().map(toPlain)).toEqual([
    {
      minute: 0,
      timesMs: [0, 200],
      curves: [
        [0, 0.5, 0.25],
        [1, Number.NaN, 0.75],
      ],
    },
  ]);
});

test('whatever is stored is read back to the bit', () => {
  const blocks = fc.nat(200).chain((frames) =>
    fc.record({
      minute: fc.nat(),
      timesMs: fc.array(fc.nat(), { minLength: frames, maxLength: frames }),
      curves: fc
        .array(fc.tuple(fc.nat(500), fc.float32Array({ minLength: frames, maxLength: frames })), {
          maxLength: 5,
        })
        .map((entries) => new Map(entries)),
    }),
  );
  fc.assert(
    fc.property(blocks, (block) => {
      const held = decodeScoreBlock(block.minute, encodeScoreBlock(block));
      expect(toPlain(held)).toEqual(toPlain(block));
    }),
  );
});
