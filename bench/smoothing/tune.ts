import type { Random } from '../../src/calibrate/random.js';
import type { Measured } from './lab.js';
import type { Range, Settings, Way } from './way.js';

/** Settings and what they reach. */
export interface Trial {
  readonly settings: Settings;
  readonly metrics: Measured;
}

/** The usual settings and `budget - 1` drawn ones, tried. */
export function tryAll(
  { usual, ranges }: Pick<Way, 'usual' | 'ranges'>,
  { budget, random }: { readonly budget: number; readonly random: Random },
  toMetrics: (settings: Settings) => Measured,
): Trial[] {
  const drawn = Array.from({ length: budget - 1 }, () => draw(ranges, random));
  return [usual, ...drawn].map((settings) => ({ settings, metrics: toMetrics(settings) }));
}

/** What settings may cost at most. */
export interface Limits {
  /** Delay behind the raw scores, in 95 of 100 cases. */
  readonly delayMs?: number;
  /** Onset latency, from the truth, in 95 of 100 cases. */
  readonly onsetMs?: number;
  /** How long after a label is gone its end is told, in half of the cases. */
  readonly endMs?: number;
}

/** The trial with the best F1@25 among those within the limits; null if there is none. */
export function toBest(trials: readonly Trial[], limits: Limits): Trial | null {
  const { delayMs = Infinity, onsetMs = Infinity, endMs = Infinity } = limits;
  const within = trials.filter(
    ({ metrics: { delay, onsetLatency, endDelay } }) =>
      delay.p95Ms <= delayMs && (onsetLatency.p95Ms ?? Infinity) <= onsetMs && endDelay.medianMs <= endMs,
  );
  const value = ({ metrics }: Trial): number => metrics.f1.at25 ?? 0;
  return within.reduce<Trial | null>(
    (one, other) => (one === null || value(other) > value(one) ? other : one),
    null,
  );
}

function draw(ranges: Readonly<Record<string, Range>>, random: Random): Settings {
  return Object.fromEntries(
    Object.entries(ranges).map(([name, { low, high, isLog, isWhole }]) => {
      if (isWhole) return [name, random.whole(low, high)];
      return [name, isLog ? random.logBetween(low, high) : random.between(low, high)];
    }),
  );
}
