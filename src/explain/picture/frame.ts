/** Where things lie in the picture of a label, in CSS pixels; y runs down. */
export interface PlotFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly toX: (ms: number) => number;
  readonly toY: (score: number) => number;
  /** The score at the top. */
  readonly topScore: number;
}

/** Tops of the axis of scores. */
const TOPS = [0.1, 0.2, 0.5, 1];
/** Above the highest of what is drawn. */
const HEADROOM = 1.1;

/** A frame for scores up to `highest`, and the media time from 0 to `endMs`. */
export function toFrame(
  box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
  { highest, endMs }: { readonly highest: number; readonly endMs: number },
): PlotFrame {
  const { left, right, top, bottom } = box;
  const topScore = TOPS.find((one) => one >= highest * HEADROOM) ?? 1;
  return {
    ...box,
    topScore,
    toX: toTimeScale(left, right, endMs),
    toY: (score) => bottom - (Math.min(score, topScore) / topScore) * (bottom - top),
  };
}

/** Where media time from 0 to `endMs` lies. */
export function toTimeScale(left: number, right: number, endMs: number): (ms: number) => number {
  return (ms) => left + (ms / Math.max(1, endMs)) * (right - left);
}
