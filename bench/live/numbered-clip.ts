import { makeClipOnce } from '../../tests/services/rtsp.js';

/** Pictures of the numbered clip; after these the numbers begin again. */
export const NUMBERED_PICTURES = 4500;
export const PICTURES_PER_SECOND = 15;

const BITS = 16;
/** Side of a square that holds one bit, in the camera's pixels. */
const SQUARE = 20;
const WIDTH = 640;
const HEIGHT = 360;
const LOOPS = 12;

/**
 * The demo at 640x360, 15 pictures a second, H.264, a key frame each 2 s, lasting an hour, with each picture's number in
 * black and white squares at the bottom left: a row of bits, the lowest first, above a row of the same inverted.
 */
export async function makeNumberedClip(): Promise<string> {
  const box = (bit: number, row: number) =>
    `drawbox=x=${bit * SQUARE}:y=${HEIGHT - (2 - row) * SQUARE}:w=${SQUARE}:h=${SQUARE}:t=fill`;
  const squares = Array.from({ length: BITS }, (_, bit) =>
    [0, 1].map(
      (row) => `${box(bit, row)}:color=white:enable='eq(mod(floor(n/${2 ** bit})\\,2)\\,${1 - row})'`,
    ),
  ).flat();
  const ground = `drawbox=x=0:y=${HEIGHT - 2 * SQUARE}:w=${BITS * SQUARE}:h=${2 * SQUARE}:t=fill:color=black`;
  const filters = [`scale=${WIDTH}:${HEIGHT}`, `fps=${PICTURES_PER_SECOND}`, ground, ...squares].join(',');
  const coding = '-c:v libx264 -preset veryfast -g 30 -sc_threshold 0 -bf 0 -pix_fmt yuv420p';
  const clip = await makeClipOnce(
    'numbered.mp4',
    `-stream_loop -1 -i demo/demo.mp4 -an -vf ${filters} ${coding} -frames:v ${NUMBERED_PICTURES} -movflags +faststart`,
  );
  return makeClipOnce(
    'numbered-hour.mp4',
    `-stream_loop ${LOOPS - 1} -i ${clip} -c copy -movflags +faststart`,
  );
}

/**
 * The number in a picture of the numbered clip that fills the width of an RGB frame from its top-left corner on; null when
 * the squares cannot be read.
 */
export function readNumber(rgb: Uint8Array, frameWidth: number): number | null {
  const scale = frameWidth / WIDTH;
  const isWhite = (bit: number, row: number): boolean => {
    const x = Math.round((bit + 0.5) * SQUARE * scale);
    const y = Math.round((HEIGHT - (1.5 - row) * SQUARE) * scale);
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) sum += rgb[((y + dy) * frameWidth + x + dx) * 3 + 1]!;
    return sum / 25 > 127;
  };
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (isWhite(bit, 0) === isWhite(bit, 1)) return null;
    if (isWhite(bit, 0)) number += 2 ** bit;
  }
  return number;
}
