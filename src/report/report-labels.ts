import type { SourcedSegment } from '../publish/segment-row.js';
import type { Thresholds } from '../types.js';
import type { ReportExplanation, ReportLabel, ReportSegment } from './report-data.js';
import type { Curves } from './score-curves.js';

/** What the lanes of a source are made of. */
export interface LabelParts {
  /** By start. */
  readonly segments: readonly SourcedSegment[];
  readonly thresholds: ReadonlyMap<string, Thresholds>;
  readonly durationMs: number;
  readonly curves: Curves;
  /** Of the model whose scores the curves are, in its order. */
  readonly names: readonly string[];
  readonly explanations: ReadonlyMap<string, ReportExplanation>;
}

/** Events that said it are no longer held. */
const UNKNOWN: Thresholds = { enter: 0, exit: 0 };

/** The labels that have segments, longest total first. */
export function toReportLabels({
  segments,
  thresholds,
  durationMs,
  curves,
  names,
  explanations,
}: LabelParts): ReportLabel[] {
  const byLabel = new Map<string, ReportSegment[]>();
  for (const segment of segments) {
    const held = byLabel.get(segment.label) ?? [];
    byLabel.set(segment.label, held);
    held.push(toReportSegment(segment, durationMs));
  }
  const labels = [...byLabel].map(([label, own]): ReportLabel => {
    const { enter, exit } = thresholds.get(label) ?? UNKNOWN;
    const bytes = curves.timesMs.length === 0 ? undefined : curves.bytes.get(names.indexOf(label));
    const scores = bytes === undefined ? null : Buffer.from(bytes).toString('base64');
    const explanation = explanations.get(label);
    return { label, enter, exit, segments: own, scores, ...(explanation && { explanation }) };
  });
  return labels.sort((a, b) => toTotalMs(b) - toTotalMs(a) || (a.label < b.label ? -1 : 1));
}

function toReportSegment({ startMs, endMs, score }: SourcedSegment, durationMs: number): ReportSegment {
  const { peak, mean } = score;
  return { startMs, endMs: endMs ?? Math.max(startMs + 1, durationMs), peak, mean, isOpen: endMs === null };
}

function toTotalMs({ segments }: ReportLabel): number {
  return segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
