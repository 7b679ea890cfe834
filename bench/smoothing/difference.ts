import { toSegmentMetrics } from '../../src/eval/segment-metrics.js';
import type { FoundSegment } from '../../src/eval/truth.js';
import type { Random } from '../truth/random.js';
import type { LabClip } from './lab.js';

const DRAWS = 2000;

/** F1@25 of one way less that of another, and the interval that holds it in 95 of 100 draws of the clips. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The paired bootstrap (Efron & Tibshirani 1993) over clips, with replacement. */
export function toDifference(
  clips: readonly LabClip[],
  [one, other]: readonly [readonly (readonly FoundSegment[])[], readonly (readonly FoundSegment[])[]],
  random: Random,
): Difference {
  const parts = [one, other].map((found) => clips.map((clip, n) => toCounts(clip, found[n]!)));
  const of = (chosen: readonly number[]): number => f1(parts[0]!, chosen) - f1(parts[1]!, chosen);
  const all = clips.map((_, n) => n);
  const draws = Float64Array.from({ length: DRAWS }, () =>
    of(all.map(() => random.whole(0, clips.length - 1))),
  ).sort();
  return {
    value: of(all),
    low: draws[Math.floor(0.025 * DRAWS)]!,
    high: draws[Math.ceil(0.975 * DRAWS) - 1]!,
  };
}

interface Counts {
  readonly hits: number;
  readonly segments: number;
}

function toCounts({ truth }: LabClip, found: readonly FoundSegment[]): Counts {
  const { f1: reached, foundSegments, trueSegments } = toSegmentMetrics([{ clip: truth, found }]);
  const segments = foundSegments + trueSegments;
  return { segments, hits: ((reached.at25 ?? 0) * segments) / 2 };
}

function f1(counts: readonly Counts[], chosen: readonly number[]): number {
  const sum = (of: (one: Counts) => number): number => chosen.reduce((total, n) => total + of(counts[n]!), 0);
  return (2 * sum(({ hits }) => hits)) / sum(({ segments }) => segments);
}
