import type { Inks } from '../palette.js';

const STEP_PX = 6;
const patterns = new WeakMap<Inks, CanvasPattern>();

/** Slanted lines on a quiet ground: where nothing could be seen. */
export function toHatch(context: CanvasRenderingContext2D, inks: Inks): CanvasPattern | string {
  const known = patterns.get(inks);
  if (known !== undefined) return known;
  const ratio = Math.ceil(devicePixelRatio);
  const tile = new OffscreenCanvas(STEP_PX * ratio, STEP_PX * ratio);
  const brush = tile.getContext('2d');
  if (brush === null) return inks.blind;
  brush.scale(ratio, ratio);
  brush.fillStyle = inks.blind;
  brush.fillRect(0, 0, STEP_PX, STEP_PX);
  brush.strokeStyle = inks.hatch;
  brush.lineWidth = 1;
  brush.beginPath();
  for (const shift of [-STEP_PX, 0, STEP_PX]) {
    brush.moveTo(shift - 1, STEP_PX + 1);
    brush.lineTo(shift + STEP_PX + 1, -1);
  }
  brush.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  if (pattern === null) return inks.blind;
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  patterns.set(inks, pattern);
  return pattern;
}
