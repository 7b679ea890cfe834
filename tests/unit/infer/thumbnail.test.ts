import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CELLS, toDifference, toThumbnail } from '../../../src/infer/thumbnail.js';

/** RGB whose green is `green` and whose other colours are noise. */
function picture(width: number, height: number, green: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return at % 3 === 1 ? green(pixel % width, Math.floor(pixel / width)) : (at * 7919) % 256;
  });
}

test('each cell holds the mean of its place, row by row', () => {
  const cells = toThumbnail(
    picture(416, 416, (x, y) => Math.floor(x / 13) * 4 + Math.floor(y / 13) * 3 + (x % 2)),
    416,
    416,
  );
  const wanted = Array.from({ length: CELLS }, (_, cell) => (cell % 32) * 4 + Math.floor(cell / 32) * 3);
  expect(toDifference(cells, Uint8Array.from(wanted))).toBeLessThanOrEqual(1);
});

test('in a picture of any size there is no place where a change of four by four pixels is overlooked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 32, max: 90 }),
      fc.integer({ min: 32, max: 90 }),
      fc.nat(),
      fc.nat(),
      (width, height, a, b) => {
        const [left, top] = [a % (width - 3), b % (height - 3)];
        const isIn = (x: number, y: number) => x >= left && x < left + 4 && y >= top && y < top + 4;
        const before = toThumbnail(
          picture(width, height, () => 20),
          width,
          height,
        );
        const after = toThumbnail(
          picture(width, height, (x, y) => (isIn(x, y) ? 220 : 20)),
          width,
          height,
        );
        expect(toDifference(before, before)).toBe(0);
        expect(toDifference(before, after)).toBeGreaterThan(40);
      },
    ),
    { numRuns: 40 },
  );
});
