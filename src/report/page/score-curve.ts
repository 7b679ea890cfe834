import type { ReportSource, Span } from '../report-data.js';
import type { LabelModel } from './report-model.js';

/** Raw scores of one label, 0 to 1, with their times in milliseconds; null where nothing could be seen. */
export interface ScoreCurve {
  readonly timesMs: readonly number[];
  readonly scores: readonly (number | null)[];
}

/** The curve of a label, broken at each gap of its source; null when none was kept. */
export function toScoreCurve({ scoreSteps, gaps }: ReportSource, { scores }: LabelModel): ScoreCurve | null {
  if (scores === null || scoreSteps.length === 0) return null;
  const bytes = atob(scores);
  const curve: { timesMs: number[]; scores: (number | null)[] } = { timesMs: [], scores: [] };
  const blind = [...gaps].sort((a, b) => a.startMs - b.startMs);
  let [timeMs, gap] = [0, 0];
  for (const [n, step] of scoreSteps.entries()) {
    timeMs += step;
    for (; gap < blind.length && isBefore(blind[gap]!, timeMs); gap++) {
      curve.timesMs.push(Math.max(blind[gap]!.startMs, curve.timesMs.at(-1) ?? 0));
      curve.scores.push(null);
    }
    curve.timesMs.push(timeMs);
    curve.scores.push(bytes.charCodeAt(n) / 255);
  }
  return curve;
}

/** The score of the last frame up to `ms`; null before the first one and in a gap. */
export function findScoreAt({ timesMs, scores }: ScoreCurve, ms: number): number | null {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! > ms) high = middle;
    else low = middle + 1;
  }
  return scores[low - 1] ?? null;
}

function isBefore({ startMs }: Span, timeMs: number): boolean {
  return startMs < timeMs;
}
