/** What ffmpeg said of a frame it sent. */
export interface FrameReport {
  /** An error was reported between the frame before and this one. */
  readonly damaged: boolean;
  /** An error was reported before this one, and not so long ago that it could not be about it. */
  readonly isNearDamage: boolean;
  /** The first frame after the filters were set up anew, as they are when the picture size changes. */
  readonly isNewGraph: boolean;
  /** The frame's time before the muxer saw it, seconds; null when it was not told. NUT cannot carry a jump back. */
  readonly saidSeconds: number | null;
}

interface Announcement {
  readonly saidSeconds: number | null;
  readonly isFresh: boolean;
  readonly isNear: boolean;
  readonly isNewGraph: boolean;
}

/**
 * Matches what ffmpeg reports with the frames it sends. A decoder holds pictures back and newer builds decode ahead in
 * threads, so an error is always told before the frame after it, but may also be told before some frames that came earlier.
 * An error therefore counts for the next frame, and for `reach` frames more wherever one of them comes after a hole.
 */
export class FrameLog {
  readonly #reach: number;
  readonly #holeMs: number;
  readonly #announced: Announcement[] = [];
  #isFresh = false;
  #left = 0;
  #graphs = 0;
  #isNewGraph = false;
  #lastMs: number | null = null;
  #isClosed = false;
  #wake: (() => void) | null = null;

  /** `holeMs`: the distance of two frames from which on there is a hole between them. */
  constructor(reach: number, holeMs: number) {
    this.#reach = reach;
    this.#holeMs = holeMs;
  }

  /** ffmpeg reported an error. */
  report(): void {
    this.#isFresh = true;
    this.#left = this.#reach + 1;
  }

  /** ffmpeg set up its filters. */
  configure(): void {
    this.#graphs += 1;
    this.#isNewGraph = this.#graphs > 1;
  }

  /** ffmpeg announced that the next frame is on its way. */
  announce(saidSeconds: number | null = null): void {
    this.#announced.push({ ...this.#now(), saidSeconds });
    this.#isFresh = false;
    this.#isNewGraph = false;
    this.#left = Math.max(0, this.#left - 1);
    this.#wake?.();
  }

  /** Nothing more will be said. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** Whether an error was told after the last frame, or so shortly before it that it may belong after it. */
  get isDamagedAtEnd(): boolean {
    return this.#left > 0;
  }

  /** The report on the next frame, at `ptsMs`; waits until the frame has been announced. One caller at a time. */
  async next(ptsMs: number): Promise<FrameReport> {
    while (this.#announced.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const { isFresh, isNear, isNewGraph, saidSeconds } = this.#announced.shift() ?? this.#now();
    const isAfterHole = this.#lastMs !== null && ptsMs - this.#lastMs >= this.#holeMs;
    this.#lastMs = ptsMs;
    return { damaged: isFresh || (isNear && isAfterHole), isNearDamage: isNear, isNewGraph, saidSeconds };
  }

  #now(): Announcement {
    return {
      saidSeconds: null,
      isFresh: this.#isFresh,
      isNear: this.#left > 0,
      isNewGraph: this.#isNewGraph,
    };
  }
}
