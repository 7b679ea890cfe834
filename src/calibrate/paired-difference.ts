import type { JudgedClip } from '../eval/judged-clip.js';
import { toSegmentMetrics } from '../eval/segment-metrics.js';
import type { FoundSegment } from '../eval/truth.js';
import type { Random } from './random.js';

const DRAWS = 2000;

/** F1 of one way less that of another, 0 to 1, and the interval that holds it in 95 of 100 draws of the clips. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What F1 is made of. */
export interface Hits {
  readonly hits: number;
  /** Found and true ones, each counted. */
  readonly segments: number;
}

/** Over clips, or parts of clips. */
export function toDifference(
  clips: readonly JudgedClip[],
  [one, other]: readonly [readonly (readonly FoundSegment[])[], readonly (readonly FoundSegment[])[]],
  random: Random,
): Difference {
  const [own, others] = [one, other].map((found) => clips.map((clip, n) => toHits(clip, found[n]!)));
  return bootstrap(clips.length, [own!, others!], random);
}

/** The paired bootstrap (Efron & Tibshirani 1993) over `count` units, with replacement. */
export function bootstrap(
  count: number,
  [one, other]: readonly [readonly Hits[], readonly Hits[]],
  random: Random,
): Difference {
  const of = (chosen: readonly number[]): number =>
    toF1(chosen.map((n) => one[n]!)) - toF1(chosen.map((n) => other[n]!));
  const all = Array.from({ length: count }, (_, n) => n);
  const draws = Float64Array.from({ length: DRAWS }, () =>
    of(all.map(() => random.whole(0, count - 1))),
  ).sort();
  return {
    value: of(all),
    low: draws[Math.floor(0.025 * DRAWS)]!,
    high: draws[Math.ceil(0.975 * DRAWS) - 1]!,
  };
}

/** What the segments found in a clip add to F1@25. */
export function toHits(clip: JudgedClip, found: readonly FoundSegment[]): Hits {
  const { f1, foundSegments, trueSegments } = toSegmentMetrics([{ clip, found }]);
  const segments = foundSegments + trueSegments;
  return { segments, hits: ((f1.at25 ?? 0) * segments) / 2 };
}

/** 0 to 1; 0 where there is nothing. */
export function toF1(parts: readonly Hits[]): number {
  const segments = parts.reduce((sum, part) => sum + part.segments, 0);
  return segments === 0 ? 0 : (2 * parts.reduce((sum, part) => sum + part.hits, 0)) / segments;
}
