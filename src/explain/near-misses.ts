import type { LabelTrace, TracePoint } from './label-trace.js';
import { toScoreText } from './number-text.js';
import type { SmoothingTimes, Turn } from './turn.js';

/**
 * The times at which a label that was off came near to enter and did not reach it: its average reached exit, or the score of a
 * frame reached enter; and what the average rose by from there. Each at its highest average.
 */
export function toNearMisses({ points, thresholds }: LabelTrace, times: SmoothingTimes): Turn[] {
  const { enter, exit } = thresholds;
  const misses: Turn[] = [];
  let stretch: TracePoint[] = [];
  const close = (isVain: boolean): void => {
    if (isVain && stretch.length > 0) misses.push(toMiss(stretch, enter, times));
    stretch = [];
  };
  for (const [n, point] of points.entries()) {
    const isEnd = n > 0 && points[n - 1]!.phase !== 'off';
    const isRising = stretch.length > 0 && point.average > points[n - 1]!.average;
    if (point.phase !== 'off') close(false);
    else if (!isEnd && (point.average >= exit || point.score >= enter || isRising)) stretch.push(point);
    else close(true);
  }
  close(true);
  return misses;
}

function toMiss(stretch: readonly TracePoint[], enter: number, { halfLifeMs }: SmoothingTimes): Turn {
  const highest = stretch.reduce((most, one) => (one.average > most.average ? one : most));
  const loudest = stretch.reduce((most, { score }) => Math.max(most, score), 0);
  const { atMs, score, average } = highest;
  const came = toScoreText(average, enter);
  const why =
    loudest >= enter
      ? `scores reached ${toScoreText(loudest)}, too briefly for an average of halfLifeMs ${halfLifeMs}`
      : `no score reached enter, ${toScoreText(enter)}; the highest was ${toScoreText(loudest, enter)}`;
  return {
    atMs,
    kind: 'missed',
    score,
    average,
    what: `came to ${came} only`,
    why,
    note: `came to ${came}, enter is ${toScoreText(enter, average)}`,
  };
}
