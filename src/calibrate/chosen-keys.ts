import type { Smoothing, Thresholds } from '../types.js';

/** The keys of `smoothing` in a configuration that change, and only those. */
export interface ChosenKeys {
  readonly temperature?: number;
  readonly halfLifeMs?: number;
  readonly minOnMs?: number;
  readonly minOffMs?: number;
  /** By the label's name. */
  readonly labels: Readonly<Record<string, Thresholds>>;
}

/** What is to be written so that `chosen` comes of `before`; `labels`: their names, in the order of the thresholds. */
export function toChosenKeys(before: Smoothing, chosen: Smoothing, labels: readonly string[]): ChosenKeys {
  const times = (['halfLifeMs', 'minOnMs', 'minOffMs'] as const).filter((key) => before[key] !== chosen[key]);
  const temperature = chosen.temperature ?? 1;
  const moved = chosen.thresholds.flatMap((thresholds, n): [string, Thresholds][] => {
    const old = before.thresholds[n]!;
    const isSame = old.enter === thresholds.enter && old.exit === thresholds.exit;
    return isSame ? [] : [[labels[n]!, thresholds]];
  });
  return {
    ...((before.temperature ?? 1) === temperature ? {} : { temperature }),
    ...Object.fromEntries(times.map((key) => [key, chosen[key]])),
    labels: Object.fromEntries(moved),
  };
}

/** Whether nothing is to be written. */
export function isEmpty({ labels, ...rest }: ChosenKeys): boolean {
  return Object.keys(rest).length + Object.keys(labels).length === 0;
}
