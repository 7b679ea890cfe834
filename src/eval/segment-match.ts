import type { Run } from './judged-time.js';

/** The found runs of a label beside its true ones. */
export interface Matches {
  /** For each threshold: how many found runs hit a true one. */
  readonly hits: readonly number[];
  /** True run → the found run that hit it at the lowest threshold; undefined: it was missed. */
  readonly hitBy: readonly (Run | undefined)[];
  /** Found runs that overlap no true one. */
  readonly strays: readonly Run[];
}

/**
 * Matches runs of one label as MS-TCN does (Farha & Gall 2019, arXiv 1903.01945): in order of time each found run takes the
 * true one with the largest intersection over union, the first of equals; it is a hit when that is at least the threshold
 * and no earlier found run took it. Both lists are in order and apart; `thresholds` ascend. Takes linear time.
 */
export function matchRuns(
  found: readonly Run[],
  truth: readonly Run[],
  thresholds: readonly number[],
): Matches {
  const hits = thresholds.map(() => 0);
  const takenAt = thresholds.map(() => -1); // found runs are in order, so what is taken is at or before this one
  const hitBy: (Run | undefined)[] = truth.map(() => undefined);
  const strays: Run[] = [];
  let first = 0;
  for (const run of found) {
    while (first < truth.length && truth[first]!.endMs <= run.startMs) first++;
    let best = -1;
    let bestIou = 0;
    for (let n = first; n < truth.length && truth[n]!.startMs < run.endMs; n++) {
      const iou = toIou(run, truth[n]!);
      if (iou > bestIou) [best, bestIou] = [n, iou];
    }
    if (best < 0) strays.push(run);
    thresholds.forEach((threshold, n) => {
      if (best < 0 || bestIou < threshold || takenAt[n]! >= best) return;
      takenAt[n] = best;
      hits[n]! += 1;
      if (n === 0) hitBy[best] = run;
    });
  }
  return { hits, hitBy, strays };
}

function toIou(a: Run, b: Run): number {
  const intersection = Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
  return intersection / (Math.max(a.endMs, b.endMs) - Math.min(a.startMs, b.startMs));
}
