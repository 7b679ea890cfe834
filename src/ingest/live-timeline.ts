/** Where the media time of a live stream starts. */
export interface TimelineOrigin {
  /** UTC of media time 0, milliseconds since 1970. */
  readonly originMs: number;
  /** Media time that no frame may fall back to; null: there is none yet. */
  readonly afterMs: number | null;
}

/** How far the time of a frame may lie from its arrival. */
const TOLERANCE_MS = 1000;
/** Media by which late frames are judged: fewer cannot tell a stall that is being made up for from a clock that stood still. */
const JUDGED_MS = 1000;
/** The least that such frames make up, as a share of their own time. */
const MADE_UP = 0.1;

/** A late frame from which on it is judged. */
interface Late {
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
  #beforeMs = 0;
  /** Null: the frame before was in time. */
  #late: Late | null = null;

  constructor({ originMs, afterMs }: TimelineOrigin) {
    this.#originMs = originMs;
    this.#lastMs = afterMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The next frame comes by a new connection, or by another clock. */
  reconnect(): void {
    this.#offsetMs = null;
    this.#late = null;
  }

  /** Media time of the next frame: `ptsMs` by the camera's clock, `arrivalMs` by the host's, since 1970. */
  place(ptsMs: number, arrivalMs: number): number {
    const arrivedMs = arrivalMs - this.#originMs;
    if (this.#offsetMs === null || this.#isAstray(ptsMs, arrivedMs)) {
      this.#offsetMs = Math.max(arrivedMs, this.#lastMs + 1) - ptsMs;
      this.#late = null;
    }
    this.#beforeMs = ptsMs;
    this.#lastMs = Math.max(Math.round(ptsMs + this.#offsetMs), this.#lastMs + 1);
    return this.#lastMs;
  }

  #isAstray(ptsMs: number, arrivedMs: number): boolean {
    if (ptsMs < this.#beforeMs) return true;
    const lagMs = arrivedMs - (ptsMs + this.#offsetMs!);
    if (Math.abs(lagMs) <= TOLERANCE_MS) {
      this.#late = null;
      return false;
    }
    // From the future, so the camera's clock has jumped.
    if (lagMs < 0) return true;
    // Late: by a stall, after which frames that were held up follow faster than they were taken, until the lag is gone.
    this.#late ??= { ptsMs, lagMs };
    const sinceMs = ptsMs - this.#late.ptsMs;
    if (sinceMs < JUDGED_MS) return false;
    const isMakingUp = this.#late.lagMs - lagMs >= MADE_UP * sinceMs;
    this.#late = { ptsMs, lagMs };
    return !isMakingUp;
  }
}
