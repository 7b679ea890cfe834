import type { FfmpegBuild } from './ffmpeg-build.js';
import { readFfmpegPicture } from './ffmpeg-child.js';
import { toInputOptions } from './input-options.js';

/** Thumbnails wanted of a file on disk. */
export interface ThumbnailOrder {
  readonly path: string;
  readonly build: FfmpegBuild;
  readonly durationMs: number;
  /** At most. */
  readonly count: number;
  /** Of the JPEG, at most. */
  readonly maxBytes: number;
}

/** One JPEG with a tile for each time, left to right, then down; the rest of it is black. */
export interface ThumbnailSheet {
  readonly jpeg: Uint8Array;
  /** Of a tile. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Media time of each tile's picture. */
  readonly timesMs: readonly number[];
}

/** Tiles fit into this, with the picture's shape. */
const BOX = { width: 192, height: 108 };
/** Up to this duration every picture is decoded: a short clip may have one key frame. */
const DECODED_WHOLE_MS = 60_000;
/** mjpeg's scale, from good to small. */
const QUALITIES = [5, 12, 31];

/**
 * Decodes the key frames of a file, or all of a short one, and spreads tiles evenly over its time. Null when it gives no
 * picture, or none that is small enough, and when `signal` aborts.
 */
export async function makeThumbnails(
  order: ThumbnailOrder,
  signal: AbortSignal,
): Promise<ThumbnailSheet | null> {
  for (const quality of QUALITIES) {
    const sheet = await attempt(order, quality, signal);
    if (sheet === null || sheet.jpeg.length <= order.maxBytes) return sheet;
  }
  return null;
}

async function attempt(
  order: ThumbnailOrder,
  quality: number,
  signal: AbortSignal,
): Promise<ThumbnailSheet | null> {
  const columns = Math.ceil(Math.sqrt(order.count));
  const rows = Math.ceil(order.count / columns);
  const { path } = order.build;
  const made = await readFfmpegPicture(path, toArguments(order, { columns, rows, quality }), signal).catch(
    () => null,
  );
  if (made === null || made.bytes.length === 0) return null;
  const shown = [...made.said.matchAll(SHOWN)].slice(0, columns * rows);
  const [, , width, height] = shown[0] ?? [];
  if (width === undefined || height === undefined) return null;
  const timesMs = shown.map(([, seconds]) => Math.max(0, Math.round(Number(seconds) * 1000)));
  return { jpeg: made.bytes, width: Number(width), height: Number(height), columns, timesMs };
}

const SHOWN = /showinfo.* n: *\d.*? pts_time:(-?[\d.e+-]+).*? s:(\d+)x(\d+)/g;

interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly quality: number;
}

function toArguments(
  { path, durationMs, count }: ThumbnailOrder,
  { columns, rows, quality }: Grid,
): string[] {
  const input = `file:${path}`;
  // discarded, the others are not even read from containers with an index: 2 s less of 16 for an hour
  const skip = durationMs <= DECODED_WHOLE_MS ? [] : words('-skip_frame nokey -discard nokey');
  const everySeconds = Math.max(0.001, durationMs / 1000 / count);
  const filters = [
    `select='isnan(prev_selected_t)+gt(floor(t/${everySeconds}),floor(prev_selected_t/${everySeconds}))'`,
    `scale=${toTileSize()}:flags=area`,
    'setsar=1',
    'showinfo=checksum=0',
    `tile=${columns}x${rows}`,
  ];
  const vf = filters.join(',');
  return [
    ...words('-loglevel repeat+level+info -copyts -start_at_zero'),
    ...toInputOptions(input),
    // or a change of the picture's size would begin another sheet
    ...words('-reinit_filter 0'),
    ...skip,
    '-i',
    input,
    ...words('-map 0:V:0 -frames:v 1 -vf'),
    vf,
    ...words(`-pix_fmt yuvj420p -c:v mjpeg -q:v ${quality} -f image2pipe -`),
  ];
}

function words(text: string): string[] {
  return text.split(' ');
}

/** By the displayed aspect ratio (dar); even, as the colours of a JPEG are. */
function toTileSize(): string {
  const { width, height } = BOX;
  const even = (most: number, wanted: string): string => `'max(2,2*floor(min(${most},${wanted})/2))'`;
  return `${even(width, `${height}*dar`)}:${even(height, `${width}/dar`)}`;
}
