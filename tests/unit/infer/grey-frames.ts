import type { Frame } from '../../../src/types.js';

/** Of the frames. */
export const SIZE = { width: 32, height: 32 };

/** A frame that is `level` everywhere, and its hash as well. */
export function grey(ptsMs: number, level: number, damaged = false, release: () => void = () => {}): Frame {
  const bytes = new Uint8Array(SIZE.width * SIZE.height * 3).fill(level);
  return { ptsMs, damaged, pixels: { bytes, hash: () => level, release } };
}
