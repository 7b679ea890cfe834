/**
 * Non-interpolated average precision of one label, 0 to 1: the mean, over its positives, of the precision at that score;
 * equal scores count as found together. That is scikit-learn's `average_precision_score`, and model/sgfn/metrics.py's.
 * `positives` are among `all`; both are sorted in place. NaN without a positive.
 */
export function averagePrecision(all: Float64Array, positives: Float64Array): number {
  all.sort();
  positives.sort();
  let sum = 0;
  for (let at = positives.length - 1, below = all.length; at >= 0; ) {
    const score = positives[at]!;
    let next = at;
    while (next >= 0 && positives[next] === score) next--;
    while (below > 0 && all[below - 1]! >= score) below--;
    sum += ((at - next) * (positives.length - 1 - next)) / (all.length - below);
    at = next;
  }
  return sum / positives.length;
}
