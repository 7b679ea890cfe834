/** Cells across and down. */
const SIDE = 32;
/** Cells in all. */
export const CELLS = SIDE * SIDE;

/** The mean green, 0-255, of each of 32 × 32 cells of a picture, row by row: small enough to compare every frame. */
export type Thumbnail = Uint8Array;

/** Of uint8 RGB, height × width × 3. Reads one pixel in four, of which green is most of what the eye calls bright. */
export function toThumbnail(bytes: Uint8Array, width: number, height: number): Thumbnail {
  const edges = Int32Array.from({ length: SIDE + 1 }, (_, cell) => 3 * Math.ceil((cell * width) / SIDE) + 1);
  const sums = new Int32Array(CELLS);
  const counts = new Int32Array(CELLS);
  const step = height < 2 * SIDE ? 1 : 2;
  for (let y = 0; y < height; y += step) {
    const fromCell = Math.floor((y * SIDE) / height) * SIDE;
    const start = 3 * y * width;
    for (let column = 0; column < SIDE; column++) {
      const end = start + edges[column + 1]!;
      let sum = 0;
      let count = 0;
      for (let at = start + edges[column]!; at < end; at += 6) {
        sum += bytes[at]!;
        count++;
      }
      sums[fromCell + column]! += sum;
      counts[fromCell + column]! += count;
    }
  }
  const means = new Uint8Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) means[cell] = sums[cell]! / Math.max(1, counts[cell]!) + 0.5;
  return means;
}

/** How much that cell differs which differs most. */
export function toDifference(a: Thumbnail, b: Thumbnail): number {
  let largest = 0;
  for (let cell = 0; cell < CELLS; cell++) largest = Math.max(largest, Math.abs(a[cell]! - b[cell]!));
  return largest;
}
