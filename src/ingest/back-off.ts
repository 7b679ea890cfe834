const FIRST_MS = 500;
const CAP_MS = 5000;

/** How long to wait before the next attempt: 0.5 s, doubling to 5 s, a quarter up or down so that many do not come at once. */
export class BackOff {
  #nextMs = FIRST_MS;

  /** An attempt was good: the next wait is short again. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  /** The wait after one more failed attempt; `isLasting`: at once the longest. */
  next(isLasting: boolean): number {
    const waitMs = isLasting ? CAP_MS : this.#nextMs;
    this.#nextMs = Math.min(CAP_MS, this.#nextMs * 2);
    return waitMs * (0.75 + Math.random() / 2);
  }
}
