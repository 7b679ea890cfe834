import type { ReportSource, Span } from '../report-data.js';

/** Raw scores of one label as a report holds them: a byte for each time, 255 is 1. */
export interface ScoreCurve {
  readonly timesMs: Float64Array;
  readonly bytes: Uint8Array;
  readonly gaps: readonly Span[];
}

/** The same to be drawn, 0 to 1, and broken by a null where nothing could be seen. */
export interface ScorePoints {
  readonly timesMs: number[];
  readonly scores: (number | null)[];
}

/** The times of the scores of a source, which its labels share. */
export function toScoreTimes({ scoreSteps }: ReportSource): Float64Array {
  let timeMs = 0;
  return Float64Array.from(scoreSteps, (step) => {
    timeMs += step;
    return timeMs;
  });
}

/** Scores out of base64, as many as there are times. */
export function readScores(base64: string, count: number): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from({ length: count }, (_, n) => text.charCodeAt(n));
}

/** The score of the last frame up to `ms`; null before the first one and in a gap. */
export function findScoreAt({ timesMs, bytes, gaps }: ScoreCurve, ms: number): number | null {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! > ms) high = middle;
    else low = middle + 1;
  }
  if (low === 0) return null;
  const seenMs = timesMs[low - 1]!;
  return gaps.some(({ startMs }) => seenMs <= startMs && startMs < ms) ? null : bytes[low - 1]! / 255;
}

export function toScorePoints({ timesMs, bytes, gaps }: ScoreCurve): ScorePoints {
  const points: ScorePoints = { timesMs: [], scores: [] };
  const blind = [...gaps].sort((a, b) => a.startMs - b.startMs);
  let gap = 0;
  for (const [n, timeMs] of timesMs.entries()) {
    for (; gap < blind.length && blind[gap]!.startMs < timeMs; gap++) {
      points.timesMs.push(Math.max(blind[gap]!.startMs, points.timesMs.at(-1) ?? 0));
      points.scores.push(null);
    }
    points.timesMs.push(timeMs);
    points.scores.push(bytes[n]! / 255);
  }
  return points;
}
