import type { Span } from './report-data.js';
import type { Standing } from './stream-history.js';

/** What a live stream left behind, in media time. */
export interface LiveTraces {
  /** Of the frames that were scored; empty when no scores were kept. */
  readonly timesMs: readonly number[];
  /** `atMs`: media time. */
  readonly standings: readonly Standing[];
  readonly durationMs: number;
}

/** A hole between frames is blindness when it is longer than this, and than three usual steps. */
const TOLERANCE_MS = 3000;

/** Where nothing could be seen of a live stream: holes between its frames, and outside them where it was not online. */
export function toLiveGaps({ timesMs, standings, durationMs }: LiveTraces): Span[] {
  const tolerance = Math.max(TOLERANCE_MS, 3 * toUsualStep(timesMs));
  const firstMs = timesMs[0];
  const lastMs = timesMs.at(-1);
  const unseen = toUnseen(standings, durationMs);
  if (firstMs === undefined || lastMs === undefined) return mergeSpans(unseen, durationMs, tolerance);
  const before = unseen.map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, firstMs) }));
  const after = unseen.map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, lastMs), endMs }));
  return mergeSpans([...before, ...toHoles(timesMs, tolerance), ...after], durationMs, tolerance);
}

/** Spans in order, cut to [0, durationMs], without overlap and without those of `tolerance` or less. */
export function mergeSpans(spans: readonly Span[], durationMs: number, tolerance: number): Span[] {
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const span = { startMs: Math.max(0, startMs), endMs: Math.min(durationMs, endMs) };
    const last = merged.at(-1);
    if (span.endMs <= span.startMs) continue;
    if (last !== undefined && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else merged.push(span);
  }
  return merged.filter(({ startMs, endMs }) => endMs - startMs > tolerance);
}

/** From when it was not online until it was. */
function toUnseen(standings: readonly Standing[], durationMs: number): Span[] {
  const spans: Span[] = [];
  let sinceMs: number | null = 0;
  for (const { state, atMs } of standings) {
    if (state !== 'online') {
      sinceMs ??= atMs;
    } else if (sinceMs !== null) {
      spans.push({ startMs: sinceMs, endMs: atMs });
      sinceMs = null;
    }
  }
  return sinceMs === null ? spans : [...spans, { startMs: sinceMs, endMs: durationMs }];
}

function toHoles(timesMs: readonly number[], tolerance: number): Span[] {
  const spans: Span[] = [];
  for (let n = 1; n < timesMs.length; n++) {
    const span = { startMs: timesMs[n - 1]!, endMs: timesMs[n]! };
    if (span.endMs - span.startMs > tolerance) spans.push(span);
  }
  return spans;
}

/** The median of the steps between frames; 0 when there is none. */
export function toUsualStep(timesMs: readonly number[]): number {
  const steps = timesMs.slice(1, 1001).map((timeMs, n) => timeMs - timesMs[n]!);
  return steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}
