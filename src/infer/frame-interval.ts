/** What is measured counts for so many frames: a camera that is set to other key frames is soon known again. */
const REMEMBERED = 32;

/** Nothing is measured before the second key frame, nor right after a gap; key frames are hardly ever further apart. */
const UNMEASURED_TOLERANCE_MS = 60_000;

/**
 * How far apart the frames of a stream are expected, in milliseconds of media: 1/fps, or, where only key frames are scored,
 * the longest distance among the last 33 frames. A pure function of the frames, so a stream that goes on from `measured`
 * knows what an undisturbed one knows.
 */
export class FrameInterval {
  readonly #fps: number;
  readonly #keyframesOnly: boolean;
  readonly #measured: number[];

  constructor(
    { fps, keyframesOnly }: { readonly fps: number; readonly keyframesOnly: boolean },
    measured: readonly number[] = [],
  ) {
    this.#fps = fps;
    this.#keyframesOnly = keyframesOnly;
    this.#measured = [...measured];
  }

  /** Null: nothing is measured yet. */
  get ms(): number | null {
    if (!this.#keyframesOnly) return 1000 / this.#fps;
    return this.#measured.length === 0 ? null : Math.max(...this.#measured);
  }

  /** Oldest first; empty unless only key frames are scored. */
  get measured(): readonly number[] {
    return this.#measured;
  }

  /** A hole longer than this is blindness. */
  toGapMs(gapToleranceMs: number): number {
    const { ms } = this;
    return Math.max(gapToleranceMs, ms === null ? UNMEASURED_TOLERANCE_MS : 3 * ms);
  }

  /** Two frames came this far apart, with nothing missing between them. */
  measure(distanceMs: number): void {
    if (!this.#keyframesOnly) return;
    this.#measured.push(distanceMs);
    if (this.#measured.length > REMEMBERED) this.#measured.shift();
  }

  /** After a gap, so that a camera whose key frames are now further apart is not taken for blind for ever. */
  forget(): void {
    this.#measured.length = 0;
  }
}
