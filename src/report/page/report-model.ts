import { toColors } from './label-colors.js';
import type {
  ReportData,
  ReportExplanation,
  ReportLabel,
  ReportSegment,
  ReportSource,
  Span,
} from '../report-data.js';

/** A label as the page shows it: its segments by start, and what they add up to. */
export interface LabelModel {
  readonly name: string;
  /** The number of its colour, the same in all sources. */
  readonly color: number;
  readonly enter: number;
  readonly exit: number;
  readonly segments: readonly ReportSegment[];
  readonly totalMs: number;
  readonly longestMs: number;
  readonly peak: number;
  readonly scores: string | null;
  /** Null: what was kept does not tell why its segments began. */
  readonly explanation: ReportExplanation | null;
}

export interface SourceModel {
  readonly data: ReportSource;
  /** The last part of its name, and the rest before it, which may be empty. */
  readonly title: string;
  readonly place: string;
  /** What the timeline covers: the duration, or further if a segment or gap ends later. */
  readonly lengthMs: number;
  /** UTC of 0 ms. */
  readonly wallMs: number | null;
  /** What was before is not known any more; 0: all is. */
  readonly wholeFromMs: number;
  readonly labels: readonly LabelModel[];
  /** Without a segment, but near to one. */
  readonly nearLabels: readonly LabelModel[];
  readonly segmentCount: number;
  /** Time with at least one label; time in which nothing could be seen. */
  readonly labelledMs: number;
  readonly blindMs: number;
}

/** Adds up what a report says. */
export function toSourceModels({ sources }: ReportData): SourceModel[] {
  const colors = toColors(sources.map(({ labels }) => labels));
  return sources.map((data) => toSourceModel(data, colors));
}

function toSourceModel(data: ReportSource, colors: ReadonlyMap<string, number>): SourceModel {
  const toModel = (label: ReportLabel) => toLabelModel(label, colors.get(label.label) ?? 0);
  const labels = data.labels.map(toModel);
  const segments = labels.flatMap((label) => label.segments);
  const wallMs = data.startTime === null ? Number.NaN : Date.parse(data.startTime);
  return {
    data,
    ...toNameParts(data),
    lengthMs: [...segments, ...data.gaps].reduce((end, { endMs }) => Math.max(end, endMs), data.durationMs),
    wallMs: Number.isNaN(wallMs) ? null : wallMs,
    wholeFromMs: data.wholeFromTime === undefined ? 0 : Math.max(0, Date.parse(data.wholeFromTime) - wallMs),
    labels,
    nearLabels: (data.nearLabels ?? []).map(toModel),
    segmentCount: segments.length,
    labelledMs: toCoveredMs(segments),
    blindMs: toCoveredMs(data.gaps),
  };
}

function toLabelModel(
  { label, enter, exit, segments, scores, explanation }: ReportLabel,
  color: number,
): LabelModel {
  return {
    name: label,
    color,
    enter,
    exit,
    segments: [...segments].sort((a, b) => a.startMs - b.startMs),
    totalMs: toTotalMs(segments),
    longestMs: segments.reduce((most, { startMs, endMs }) => Math.max(most, endMs - startMs), 0),
    peak: segments.reduce((most, { peak }) => Math.max(most, peak), 0),
    scores,
    explanation: explanation ?? null,
  };
}

function toNameParts({ name, kind }: ReportSource): { title: string; place: string } {
  const cut = kind === 'file' ? Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) : -1;
  if (cut < 0 || cut === name.length - 1) return { title: name, place: '' };
  return { title: name.slice(cut + 1), place: name.slice(0, cut + 1) };
}

function toTotalMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** What the spans cover together, counted once. */
function toCoveredMs(spans: readonly Span[]): number {
  let [covered, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { startMs, endMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    covered += Math.max(0, endMs - Math.max(startMs, until));
    until = Math.max(until, endMs);
  }
  return covered;
}
