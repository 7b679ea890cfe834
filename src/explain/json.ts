import type { ExplainedLabel, Explanation } from './explanation.js';

/** An explanation for machines, on one line: what the table and the picture say, and every observation. */
export function toExplainJson({ clip, model, fps, times, labels }: Explanation): string {
  const { halfLifeMs, minOnMs, minOffMs } = times;
  const smoothing = { halfLifeMs, minOnMs, minOffMs };
  return `${JSON.stringify({ version: 1, clip, model, fps, smoothing, labels: labels.map(toLabel) })}\n`;
}

function toLabel({ trace, turns, summary }: ExplainedLabel) {
  const { label, thresholds, points, segments, blind, startMs, endMs } = trace;
  return {
    label,
    ...thresholds,
    summary,
    startMs,
    endMs,
    turns: turns.map(({ atMs, kind, score, average, what, why }) => {
      return { atMs, kind, score: toThousandths(score), average: toThousandths(average), what, why };
    }),
    segments: segments.map((one) => ({ startMs: one.startMs, endMs: one.endMs, endReason: one.endReason })),
    gaps: blind,
    observations: {
      timesMs: points.map(({ atMs }) => atMs),
      isHeld: points.map(({ isHeld }) => isHeld),
      scores: points.map(({ score }) => toThousandths(score)),
      averages: points.map(({ average }) => toThousandths(average)),
      states: points.map(({ phase }) => phase),
    },
  };
}

function toThousandths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
