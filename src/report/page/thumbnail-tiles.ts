import { signal } from '@preact/signals';
import type { Thumbnails } from '../report-data.js';

/** The thumbnails of a source, cut out of their one picture. */
export interface ThumbnailTiles {
  /** Width to height. */
  readonly aspect: number;
  /** False until the picture is decoded. Read it in an effect to paint once it is there. */
  isReady(): boolean;
  /** Settles when the picture is decoded, or cannot be. */
  readonly settled: Promise<void>;
  /** Paints the thumbnail nearest to `ms` into a box of the context's units. */
  paint(context: CanvasRenderingContext2D, ms: number, box: Box): void;
  close(): void;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Starts to decode the picture; a broken one never gets ready. */
export function openThumbnailTiles(thumbnails: Thumbnails): ThumbnailTiles | null {
  const { image, width, height, columns, timesMs } = thumbnails;
  if (timesMs.length === 0 || width <= 0 || height <= 0) return null;
  const ready = signal(false);
  const picture = new Image();
  picture.src = image;
  const settled = picture.decode().then(
    () => {
      ready.value = true;
    },
    () => undefined,
  );
  return {
    aspect: width / height,
    isReady: () => ready.value,
    settled,
    paint(context, ms, box) {
      if (!ready.peek()) return;
      const tile = findNearest(timesMs, ms);
      const [left, top] = [(tile % columns) * width, Math.floor(tile / columns) * height];
      context.drawImage(picture, left, top, width, height, box.left, box.top, box.width, box.height);
    },
    close: () => {
      picture.removeAttribute('src');
    },
  };
}

function findNearest(timesMs: readonly number[], ms: number): number {
  let [low, high] = [0, timesMs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low > 0 && ms - timesMs[low - 1]! <= timesMs[low]! - ms ? low - 1 : low;
}
