/** Share of the time played by which a delay is caught up, so that it is as long as pieces need and not longer. */
const CATCH_UP = 0.05;

/** A delay beyond this is none that pieces need: what was not there in time is a hole, as of any camera. */
const MAX_DELAY_MS = 2000;

/** When a picture is to be played. */
export interface Turn {
  /** Milliseconds from now on; 0: at once. */
  readonly waitMs: number;
  /** When it would have come, had all come as evenly as the first; by the host's clock, since 1970. */
  readonly arrivalMs: number;
  /** The camera's time says nothing of how far it is from the picture before. */
  readonly isAnew: boolean;
}

/**
 * Plays a stream that comes in pieces of some seconds (HLS, DASH) at the pace at which it was taken. Read as they come, the
 * pictures of a piece would all arrive at once: most would find no memory free, and their times would lie far ahead of the
 * host's clock. A piece that is a little late delays what follows by as much, without any change of media times.
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
    this.#delayMs = Math.max(0, this.#delayMs - CATCH_UP * stepMs);
    const evenMs = ptsMs + (this.#offsetMs ?? 0);
    const lateMs = nowMs - evenMs;
    const isJump = stepMs < 0 || this.#delayMs - lateMs > this.#maxAheadMs || lateMs > MAX_DELAY_MS;
    if (this.#offsetMs === null || isJump) {
      this.#offsetMs = nowMs - ptsMs;
      this.#delayMs = 0;
      return { waitMs: 0, arrivalMs: nowMs, isAnew: true };
    }
    this.#delayMs = Math.max(this.#delayMs, lateMs);
    return { waitMs: this.#delayMs - lateMs, arrivalMs: evenMs, isAnew: false };
  }
}
