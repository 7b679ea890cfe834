import type { Sample } from '../live/scrape.js';

/** A histogram of Prometheus: how many values were at most each bound, which ascend; the last is infinite. */
export type Buckets = readonly { readonly bound: number; readonly count: number }[];

/** The buckets of `labelcast_<name>` in a scrape. */
export function toBuckets(samples: readonly Sample[], name: string): Buckets {
  return samples
    .filter((sample) => sample.name === `labelcast_${name}_bucket`)
    .map(({ labels, value }) => ({ bound: toBound(labels), count: value }))
    .sort((a, b) => a.bound - b.bound);
}

function toBound(labels: string): number {
  const text = /le="([^"]+)"/.exec(labels)?.[1];
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

/**
 * The quantile of the values between two scrapes, evenly spread within a bucket; null: there were none. Of the last bucket, which
 * is infinite, its lower bound.
 */
export function quantileBetween(before: Buckets, after: Buckets, q: number): number | null {
  const counts = after.map(({ bound, count }, n) => ({ bound, count: count - (before[n]?.count ?? 0) }));
  const total = counts.at(-1)?.count ?? 0;
  if (total <= 0) return null;
  const wanted = q * total;
  const at = counts.findIndex(({ count }) => count >= wanted);
  const [lower, upper] = [counts[at - 1] ?? { bound: 0, count: 0 }, counts[at]!];
  if (upper.bound === Number.POSITIVE_INFINITY) return lower.bound;
  return lower.bound + ((upper.bound - lower.bound) * (wanted - lower.count)) / (upper.count - lower.count);
}
