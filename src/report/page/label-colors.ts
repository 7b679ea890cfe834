import type { ReportLabel } from '../report-data.js';
import { LABEL_COLORS } from '../palette.js';

/**
 * A colour number for each label, the same wherever it is found. Labels that share a source get different ones while there are
 * some, then those that take least of it share; the labels with most time in all choose first.
 */
export function toColors(sources: readonly (readonly ReportLabel[])[]): Map<string, number> {
  const places = new Map<string, Place[]>();
  for (const [source, labels] of sources.entries())
    for (const { label, segments } of labels) {
      const totalMs = segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      places.set(label, [...(places.get(label) ?? []), { source, totalMs }]);
    }
  const usedMs = sources.map(() => LABEL_COLORS.light.map(() => 0));
  const colors = new Map<string, number>();
  for (const [label, list] of [...places].sort(([, a], [, b]) => toSum(b) - toSum(a))) {
    const costs = LABEL_COLORS.light.map((_, color) =>
      list.reduce((sum, { source, totalMs }) => sum + totalMs * usedMs[source]![color]!, 0),
    );
    const color = costs.indexOf(Math.min(...costs));
    colors.set(label, color);
    for (const { source, totalMs } of list) usedMs[source]![color]! += totalMs;
  }
  return colors;
}

interface Place {
  readonly source: number;
  readonly totalMs: number;
}

function toSum(places: readonly Place[]): number {
  return places.reduce((sum, { totalMs }) => sum + totalMs, 0);
}
