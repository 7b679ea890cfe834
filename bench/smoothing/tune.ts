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

/**
 * The trial with the best F1@25 among those whose delay is at most `latestMs` in 95 of 100 cases, and whose ends are told at
 * most `latestEndMs` after the label is gone in half of them; the first if none is.
 */
export function toBest(
  trials: readonly Trial[],
  latestMs: number,
  latestEndMs = Number.POSITIVE_INFINITY,
): Trial {
  const value = ({ metrics: { delay, endDelay, f1 } }: Trial): number =>
    delay.p95Ms <= latestMs && endDelay.medianMs <= latestEndMs ? (f1.at25 ?? 0) : -1;
  return trials.reduce((one, other) => (value(other) > value(one) ? other : one));
}

function draw(ranges: Readonly<Record<string, Range>>, random: Random): Settings {
  return Object.fromEntries(
    Object.entries(ranges).map(([name, { low, high, isLog, isWhole }]) => {
      if (isWhole) return [name, random.whole(low, high)];
      return [name, isLog ? random.logBetween(low, high) : random.between(low, high)];
    }),
  );
}
