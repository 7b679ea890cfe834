import type { ReportSegment } from '../report-data.js';
import type { LabelModel } from './report-model.js';

export const LANE_ORDERS = ['total', 'first', 'name', 'peak'] as const;
export type LaneOrder = (typeof LANE_ORDERS)[number];

/** What is to be seen, and in which order. */
export interface LaneChoice {
  /** Parts of label names, any of which will do, between commas; empty: all. */
  readonly query: string;
  /** Shorter segments are left out. */
  readonly minMs: number;
  readonly order: LaneOrder;
}

/** A label with those of its segments that are to be seen, by start. */
export interface Lane {
  readonly label: LabelModel;
  readonly segments: readonly ReportSegment[];
  readonly totalMs: number;
}

/** The lanes of a source; a label without a segment long enough has none. */
export function toLanes(labels: readonly LabelModel[], { query, minMs, order }: LaneChoice): Lane[] {
  const isWanted = toMatcher(query);
  const lanes = labels
    .filter(({ name }) => isWanted(name))
    .map((label): Lane => {
      if (minMs <= 0) return { label, segments: label.segments, totalMs: label.totalMs };
      const segments = label.segments.filter(({ startMs, endMs }) => endMs - startMs >= minMs);
      return { label, segments, totalMs: segments.reduce((sum, one) => sum + one.endMs - one.startMs, 0) };
    })
    .filter(({ segments }) => segments.length > 0);
  return lanes.sort((a, b) => COMPARE[order](a, b) || byName(a, b));
}

/** Whether a text holds any part of a query. */
export function toMatcher(query: string): (text: string) => boolean {
  const parts = query
    .split(',')
    .map((part) => fold(part.trim()))
    .filter((part) => part !== '');
  return (text) => parts.length === 0 || parts.some((part) => fold(text).includes(part));
}

/** The index of the first segment that ends after `ms`; their number if none does. */
export function findFirstAfter(segments: readonly ReportSegment[], ms: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.endMs > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The segment that holds at `ms`. */
export function findSegmentAt(segments: readonly ReportSegment[], ms: number): ReportSegment | null {
  const found = segments[findFirstAfter(segments, ms)];
  return found !== undefined && found.startMs <= ms ? found : null;
}

const COMPARE: Readonly<Record<LaneOrder, (a: Lane, b: Lane) => number>> = {
  total: (a, b) => b.totalMs - a.totalMs,
  first: (a, b) => a.segments[0]!.startMs - b.segments[0]!.startMs,
  name: () => 0,
  peak: (a, b) => b.label.peak - a.label.peak,
};

const collator = new Intl.Collator(undefined, { numeric: true });

function byName(a: Lane, b: Lane): number {
  return collator.compare(a.label.name, b.label.name);
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
