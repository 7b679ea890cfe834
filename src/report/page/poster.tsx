import { useEffect, useRef } from 'preact/hooks';
import type { SourceModel } from './report-model.js';
import { openThumbnailTiles } from './thumbnail-tiles.js';

/** One picture is decoded at a time: those of hundreds of sources would fill the memory. */
let queue = Promise.resolve();

/** The thumbnail from the middle of a source. */
export function Poster({ source }: { readonly source: SourceModel }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { thumbnails } = source.data;
  useEffect(() => {
    queue = queue.then(() => paint(canvas.current, source));
  }, [source]);
  if (thumbnails === null) return <div class="poster" />;
  const height = Math.round((WIDTH_PX * thumbnails.height) / Math.max(1, thumbnails.width));
  return <canvas class="poster" ref={canvas} width={WIDTH_PX} height={height} />;
}

const WIDTH_PX = 320;

async function paint(canvas: HTMLCanvasElement | null, { data, lengthMs }: SourceModel): Promise<void> {
  const context = canvas?.getContext('2d');
  const tiles = context && data.thumbnails && openThumbnailTiles(data.thumbnails);
  if (!context || !tiles) return;
  await tiles.settled;
  const { width, height } = context.canvas;
  tiles.paint(context, lengthMs / 2, { left: 0, top: 0, width, height });
  tiles.close();
}
