import type { ScoredFrame, StreamKind } from '../types.js';

/** What is measured counts for so many distances: a camera that is set to other key frames is soon known again. */
const REMEMBERED = 32;

/** Key frames are hardly ever further apart. So long may nothing come before a distance is known. */
const LONGEST_MS = 60_000;

interface ExpectedFrames {
  readonly kind: StreamKind;
  readonly fps: number;
  readonly keyframesOnly: boolean;
}

/**
 * How far apart the frames of a stream are expected, in milliseconds of media: 1/fps, or, where only key frames are scored,
 * the second largest of the last 32 distances. A pure function of the frames, so a stream that goes on from `measured` and
 * the last frame knows what an undisturbed one knows.
 *
 * One lost key frame or one outage must not widen what is tolerated, so the largest says nothing; a median would take
 * every calm scene among quick cuts for blindness, while a distance that has come twice is one the encoder makes. In a file
 * a distance with damage in it is not measured. On a live stream nothing tells an outage from a long group of pictures:
 * every distance up to a minute is measured, also one that was a gap, so that distances that vary from 1 to 8 s are gaps
 * twice at most and then known, and what outages can add ends at a minute.
 */
export class FrameInterval {
  readonly #expected: ExpectedFrames;
  readonly #measured: number[];
  #lastMs: number | null;
  #measuredMs: number | null;

  /** `lastMs`: of the frame before the next one; null when that is not to be measured from it. */
  constructor(expected: ExpectedFrames, measured: readonly number[] = [], lastMs: number | null = null) {
    this.#expected = expected;
    this.#measured = [...measured];
    this.#lastMs = lastMs;
    this.#measuredMs = secondLargest(this.#measured);
  }

  /** Null: nothing is measured yet. */
  get ms(): number | null {
    return this.#expected.keyframesOnly ? this.#measuredMs : 1000 / this.#expected.fps;
  }

  /** What one frame may stand for: null, nothing is measured yet. */
  get longestMs(): number | null {
    return this.#measured.length === 0 ? this.ms : Math.max(...this.#measured);
  }

  /** Oldest first; empty unless only key frames are scored. */
  get measured(): readonly number[] {
    return this.#measured;
  }

  /** A hole longer than this is blindness. */
  toGapMs(gapToleranceMs: number): number {
    const { ms } = this;
    return Math.max(gapToleranceMs, ms === null ? LONGEST_MS : 3 * ms);
  }

  /** Each frame, in order. */
  observe({ ptsMs, damaged }: ScoredFrame): void {
    const { kind, keyframesOnly } = this.#expected;
    if (!keyframesOnly) return;
    const distanceMs = this.#lastMs === null ? null : ptsMs - this.#lastMs;
    this.#lastMs = ptsMs;
    if (distanceMs === null || (kind === 'file' ? damaged : distanceMs > LONGEST_MS)) return;
    this.#measured.push(distanceMs);
    if (this.#measured.length > REMEMBERED) this.#measured.shift();
    this.#measuredMs = secondLargest(this.#measured);
  }
}

/** Null of nothing; of a single number that one. */
function secondLargest(numbers: readonly number[]): number | null {
  const [largest = null, second = largest] = numbers.toSorted((a, b) => b - a);
  return second;
}
