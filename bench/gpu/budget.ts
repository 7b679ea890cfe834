/** How long something may still take: shares of it can be given away. */
export class Budget {
  readonly #endsMs: number;

  constructor(seconds: number) {
    this.#endsMs = performance.now() + seconds * 1000;
  }

  /** Never negative. */
  get leftSeconds(): number {
    return Math.max(0, (this.#endsMs - performance.now()) / 1000);
  }

  /** A part of what is left now: `weight` of `total`. */
  share(weight: number, total: number): Budget {
    return new Budget((this.leftSeconds * weight) / total);
  }
}

/** The middle value; NaN without any. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
