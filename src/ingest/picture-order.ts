/** Key frames that change places are a group of pictures apart, mostly 10 s at most; a clock that is set steps by any time. */
const MOST_BACK_MS = 15_000;

/** A stream that skipping brings out of order shows it with its first key frames. */
const FIRST_PICTURES = 16;

/**
 * Tells pictures of one connection that come in another order than they were taken in from a camera whose clock was set
 * back, by their times.
 */
export class PictureOrder {
  #pictures = 0;
  #lastMs: number | null = null;
  #isBroken = false;

  /** A small step back among the first pictures has been seen. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The next picture, by the camera's clock; null when it has no time. */
  observe(ptsMs: number | null): void {
    this.#pictures += 1;
    if (ptsMs === null) return;
    const backMs = this.#lastMs === null ? 0 : this.#lastMs - ptsMs;
    this.#lastMs = ptsMs;
    this.#isBroken ||= this.#pictures <= FIRST_PICTURES && backMs > 0 && backMs <= MOST_BACK_MS;
  }
}

/** One line for people on a live stream of which more than key frames has to be decoded. */
export function toOrderWarning(name: string): string {
  return (
    `the key frames of ${name} come in a wrong order when they are decoded alone, so that from now on all its ` +
    'pictures are decoded, which takes more of the processor; turn open groups of pictures (open GOP) off in the camera or encoder'
  );
}
