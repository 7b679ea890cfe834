import type { Figure, FigurePoint } from '../../explain/picture/figure.js';
import type { Stay } from '../../explain/stays.js';
import { type ReportExplanation, type ReportSmoothing, type Span, STATES } from '../report-data.js';
import type { LabelModel } from './report-model.js';
import type { ScoreCurve } from './score-curve.js';

/** What a picture of a label is made of. */
export interface FigureParts {
  readonly label: LabelModel;
  readonly explanation: ReportExplanation;
  readonly scores: ScoreCurve;
  readonly averages: ScoreCurve;
  readonly smoothing: ReportSmoothing | undefined;
  /** Of the source. */
  readonly endMs: number;
}

/** What a picture of a label shows of a span of media time. */
export function toFigure(parts: FigureParts, { startMs, endMs }: Span): Figure {
  const { label, explanation, scores } = parts;
  const isIn = (span: Span) => span.startMs < endMs && span.endMs > startMs;
  return {
    startMs,
    endMs,
    thresholds: { enter: label.enter, exit: label.exit },
    points: toPoints(parts, { startMs, endMs }),
    stays: toStays(explanation, parts.endMs).filter(isIn),
    segments: label.segments.filter(isIn),
    blind: scores.gaps.filter(isIn),
    turns: (explanation.turns ?? []).filter(({ atMs }) => atMs >= startMs && atMs <= endMs),
  };
}

/** Those in a span, and one on each side, so that lines reach its edges. */
function toPoints({ scores, averages, smoothing }: FigureParts, { startMs, endMs }: Span): FigurePoint[] {
  const { timesMs, bytes } = scores;
  const points: FigurePoint[] = [];
  for (let n = Math.max(0, findPlace(timesMs, startMs) - 1); n < timesMs.length; n++) {
    const point = {
      atMs: timesMs[n]!,
      isHeld: false,
      score: bytes[n]! / 255,
      average: averages.bytes[n]! / 255,
    };
    points.push(point);
    if (point.atMs > endMs) break;
    const nextMs = timesMs[n + 1];
    const isSeen = !scores.gaps.some((gap) => gap.startMs === point.atMs);
    if (smoothing !== undefined && nextMs !== undefined && isSeen)
      points.push(...toHeldPoints(point, nextMs, smoothing));
  }
  return points;
}

/** Half-lives after which the average of a picture on show is drawn: it comes ever nearer to its score. */
const DRAWN_HALF_LIVES = [0.5, 1, 1.5, 2, 3, 4, 6, 8];
/** Times the usual step between frames. */
const HELD_FROM = 1.5;

/** While a picture stays on show its score counts again and again. */
function toHeldPoints(
  { atMs, score, average }: FigurePoint,
  nextMs: number,
  { fps, halfLifeMs }: ReportSmoothing,
): FigurePoint[] {
  if (nextMs - atMs < (HELD_FROM * 1000) / fps) return [];
  const lastMs = nextMs - 500 / fps;
  const afterMs = [...DRAWN_HALF_LIVES.map((count) => count * halfLifeMs), lastMs - atMs];
  const shown = afterMs.filter((ms) => atMs + ms <= lastMs).sort((a, b) => a - b);
  return shown.map((ms) => ({
    atMs: atMs + ms,
    isHeld: true,
    score,
    average: score + (average - score) * 2 ** -(ms / Math.max(1, halfLifeMs)),
  }));
}

function toStays({ states, stateSteps }: ReportExplanation, sourceEndMs: number): Stay[] {
  let startMs = 0;
  const starts = stateSteps.map((step) => (startMs += step));
  return starts.flatMap((atMs, n) => {
    const phase = STATES.get(states[n]!) ?? null;
    const endMs = starts[n + 1] ?? Math.max(atMs, sourceEndMs);
    return phase === null ? [] : [{ phase, startMs: atMs, endMs }];
  });
}

/** Of the first time that is not before `ms`. */
function findPlace(timesMs: Float64Array, ms: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
