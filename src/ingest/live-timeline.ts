/** Where the media time of a live stream starts. */
export interface TimelineOrigin {
  /** UTC of media time 0, milliseconds since 1970. */
  readonly originMs: number;
  /** Media time that no frame may fall back to; null: there is none yet. */
  readonly afterMs: number | null;
}

/** How far the time of a frame may lie from its arrival. */
const TOLERANCE_MS = 1000;

interface Place {
  readonly ptsMs: number;
  readonly lagMs: number;
}

/**
 * Media times of a live stream, strictly increasing integers. Within a connection they are the differences of the camera's
 * own time stamps, anchored to the host clock at its first frame, and anchored anew where the camera's clock steps back or
 * frames would lie more than 1 s from their arrival. Frames that come late in a burst keep the distances they were taken at.
 */
export class LiveTimeline {
  readonly #originMs: number;
  #lastMs: number;
  /** Media time minus camera time; null: the next frame is the first of its connection. */
  #offsetMs: number | null = null;
  #before: Place | null = null;

  constructor({ originMs, afterMs }: TimelineOrigin) {
    this.#originMs = originMs;
    this.#lastMs = afterMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The next frame comes by a new connection. */
  reconnect(): void {
    this.#offsetMs = null;
    this.#before = null;
  }

  /** Media time of the next frame: `ptsMs` by the camera's clock, `arrivalMs` by the host's, since 1970. */
  place(ptsMs: number, arrivalMs: number): number {
    const arrivedMs = arrivalMs - this.#originMs;
    if (this.#offsetMs === null || this.#isAstray(ptsMs, arrivedMs)) {
      this.#offsetMs = Math.max(arrivedMs, this.#lastMs + 1) - ptsMs;
    }
    const atMs = ptsMs + this.#offsetMs;
    this.#before = { ptsMs, lagMs: arrivedMs - atMs };
    this.#lastMs = Math.max(Math.round(atMs), this.#lastMs + 1);
    return this.#lastMs;
  }

  #isAstray(ptsMs: number, arrivedMs: number): boolean {
    const { ptsMs: beforeMs, lagMs: lagBeforeMs } = this.#before!;
    if (ptsMs < beforeMs) return true;
    const lagMs = arrivedMs - (ptsMs + this.#offsetMs!);
    if (Math.abs(lagMs) <= TOLERANCE_MS) return false;
    // From the future, so the camera's clock has jumped.
    if (lagMs < 0) return true;
    // Late: by a stall, after which frames that were held up follow faster than they were taken, until the lag is gone. One
    // frame cannot tell, so it keeps its time.
    const isDraining = lagBeforeMs - lagMs >= (ptsMs - beforeMs) / 2;
    return lagBeforeMs > TOLERANCE_MS && !isDraining;
  }
}
