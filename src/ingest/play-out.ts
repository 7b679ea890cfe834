/** Share of the time played by which a delay is caught up, so that it is as long as pieces need and not longer. */
const CATCH_UP = 0.05;

/** When a picture is to be played. */
export interface Turn {
  /** Milliseconds from now on; 0: at once. */
  readonly waitMs: number;
  /** When it would have come, had all come as evenly as the first; by the host's clock, since 1970. */
  readonly arrivalMs: number;
}

/**
 * Plays a stream that comes in pieces of some seconds (HLS, DASH) at the pace at which it was taken. Read as they come, the
 * pictures of a piece would all arrive at once: most would find no memory free, and their times would lie far ahead of the
 * host's clock. A piece that is late delays what follows by as much, without any change of media times.
 */
export class PlayOut {
  /** Host time minus camera time, without delay; null: nothing was played yet. */
  #offsetMs: number | null = null;
  #delayMs = 0;
  #beforeMs = 0;
  readonly #maxAheadMs: number;

  /** `maxAheadMs`: a picture that is more ahead of its time tells that the camera's clock has jumped. */
  constructor(maxAheadMs: number) {
    this.#maxAheadMs = maxAheadMs;
  }

  /** The turn of the next picture. `ptsMs`: by the camera's clock; `nowMs`: by the host's, since 1970. */
  next(ptsMs: number, nowMs: number): Turn {
    const stepMs = ptsMs - this.#beforeMs;
    this.#beforeMs = ptsMs;
    if (this.#offsetMs !== null) this.#delayMs = Math.max(0, this.#delayMs - CATCH_UP * stepMs);
    const aheadMs = ptsMs + (this.#offsetMs ?? 0) + this.#delayMs - nowMs;
    if (this.#offsetMs === null || stepMs < 0 || aheadMs > this.#maxAheadMs) {
      this.#offsetMs = nowMs - ptsMs;
      this.#delayMs = 0;
      return { waitMs: 0, arrivalMs: nowMs };
    }
    if (aheadMs < 0) this.#delayMs -= aheadMs;
    return { waitMs: Math.max(0, aheadMs), arrivalMs: ptsMs + this.#offsetMs };
  }
}
