import type { JudgedClip } from '../eval/judged-clip.js';
import type { FoundSegment } from '../eval/truth.js';
import type { Thresholds } from '../types.js';
import type { ScoredClip } from './scored-clip.js';

/** When the raw score of a label first reached the model's own `enter` in one of its true segments. */
export interface Sighting {
  readonly label: string;
  readonly seenMs: number;
  /** Of the true segment. */
  readonly endMs: number;
}

export interface Spread {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly count: number;
}

/** The sightings of a clip, one for each true segment in which there is one. */
export function toSightings(
  { trace, truth }: { readonly trace: Pick<ScoredClip, 'frames' | 'labels'>; readonly truth: JudgedClip },
  thresholds: readonly Thresholds[],
): Sighting[] {
  const { frames, labels } = trace;
  return truth.labels.flatMap(({ name, spans }) => {
    const label = labels.indexOf(name);
    const { enter } = thresholds[label]!;
    return spans.flatMap(({ startMs, endMs }) => {
      const seen = frames.find(
        ({ ptsMs, scores }) => ptsMs >= startMs && ptsMs < endMs && scores[label]! >= enter,
      );
      return seen === undefined ? [] : [{ label: name, seenMs: seen.ptsMs, endMs }];
    });
  });
}

/**
 * How long after a label was first seen its segment was sure, in ms, 0 if before: what smoothing adds to what the model could
 * not see any earlier. Sightings that no segment overlaps have none.
 */
export function toDelays(sightings: readonly Sighting[], found: readonly FoundSegment[]): number[] {
  return sightings.flatMap(({ label, seenMs, endMs }) => {
    const sure = found.flatMap((segment) =>
      segment.label === label && segment.endMs > seenMs && segment.startMs < endMs
        ? [segment.confirmedMs ?? segment.startMs]
        : [],
    );
    return sure.length === 0 ? [] : [Math.max(0, Math.min(...sure) - seenMs)];
  });
}

/** Nearest ranks; infinite where there is nothing. */
export function toSpread(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (part: number): number =>
    sorted[Math.ceil(part * sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
  return { medianMs: at(0.5), p95Ms: at(0.95), count: sorted.length };
}
