const LEAST = 1e-6;

/** A probability moved by `shift` log-odds. */
export function shifted(probability: number, shift: number): number {
  return 1 / (1 + ((1 - probability) / probability) * Math.exp(-shift));
}

/** The log-odds of a probability, of at least 1e-6 and at most 1 − 1e-6. */
export function toLogOdds(probability: number): number {
  const p = Math.min(1 - LEAST, Math.max(LEAST, probability));
  return Math.log(p / (1 - p));
}
