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

/** Media time, in milliseconds. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** A frame for scores up to `highest`, and a span of media time. */
export function toFrame(
  box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
  { highest, ...span }: TimeSpan & { readonly highest: number },
): PlotFrame {
  const { left, right, top, bottom } = box;
  const topScore = TOPS.find((one) => one >= highest * HEADROOM) ?? 1;
  return {
    ...box,
    topScore,
    toX: toTimeScale(left, right, span),
    toY: (score) => bottom - (Math.min(score, topScore) / topScore) * (bottom - top),
  };
}

/** Where media time lies; what is outside of the span lies on its edge. */
export function toTimeScale(
  left: number,
  right: number,
  { startMs, endMs }: TimeSpan,
): (ms: number) => number {
  const lengthMs = Math.max(1, endMs - startMs);
  return (ms) => left + ((Math.min(endMs, Math.max(startMs, ms)) - startMs) / lengthMs) * (right - left);
}
