import { InferError } from '../errors.js';
import type { Frame, ModelInput, Scores } from '../types.js';
import { CELLS, type Thumbnail, toDifference, toThumbnail } from './thumbnail.js';

/**
 * Of 255, in the cell that differs most. Noise that is plain to see (ffmpeg's noise=20) stays below 8; a person of a twelfth of the
 * picture's height makes 29 and more, at a third of the contrast 10.
 */
const CHANGED_FROM = 12;

/**
 * The scores of a still picture differ with its noise, and this long one of them stands for all. On the dev clips F1@25 is 65.9 %
 * without the gate, 65.5 with this and 64.7 with twice as much, which spares 49 % of their frames instead of 47.
 */
const MAX_AGE_MS = 1000;

/** A frame given to the model, to which later ones are compared. */
export interface Reference {
  readonly ptsMs: number;
  readonly thumbnail: Thumbnail;
}

interface ScoredReference extends Reference {
  readonly scores: Scores;
}

/**
 * Says which frames of one stream show what the last frame given to the model shows, so that its scores are theirs: always that
 * one, not the frame before, so that what changes slowly adds up. Frames after damage, and 1 s later, are given to the model in
 * any case. A pure function of the frames, so a stream that goes on from `state()` is gated as an undisturbed one.
 */
export class StaticGate {
  readonly #input: Pick<ModelInput, 'width' | 'height'>;
  #reference: Reference | null;
  #scored: ScoredReference | null;
  #skipped = 0;

  /** Throws InferError when `stored` is not null and no gate's state. */
  constructor(input: Pick<ModelInput, 'width' | 'height'>, stored: unknown = null) {
    this.#input = input;
    this.#scored = stored === null ? null : toReference(stored);
    this.#reference = this.#scored;
  }

  /** False: this frame is to be given to the model, and is the one that later ones are compared with. Reads its pixels. */
  isStatic({ ptsMs, damaged, pixels }: Frame): boolean {
    const thumbnail = toThumbnail(pixels.bytes, this.#input.width, this.#input.height);
    const held = this.#reference;
    const isComparable = held !== null && !damaged && ptsMs - held.ptsMs <= MAX_AGE_MS;
    if (isComparable && toDifference(thumbnail, held.thumbnail) < CHANGED_FROM) {
      this.#skipped++;
      return true;
    }
    this.#reference = { ptsMs, thumbnail };
    return false;
  }

  /** How many were static. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The frame that later ones are compared with. */
  get reference(): Reference | null {
    return this.#reference;
  }

  /** It could not be scored: the next frame is given to the model. */
  forget(): void {
    this.#reference = null;
  }

  /** What this one scored is given out, and what it and those like it showed is next. */
  give(reference: Reference, scores: Scores): void {
    this.#scored = { ...reference, scores };
  }

  /** The scores given out last; null before the first. */
  get scores(): Scores | null {
    return this.#scored?.scores ?? null;
  }

  /** Plain JSON from which a new gate goes on after the frame given out last; null before the first. */
  state(): Readonly<Record<string, unknown>> | null {
    if (this.#scored === null) return null;
    const { ptsMs, thumbnail, scores } = this.#scored;
    return { ptsMs, thumbnail: Buffer.from(thumbnail).toString('base64'), scores: Array.from(scores) };
  }
}

function toReference(stored: unknown): ScoredReference {
  const { ptsMs, thumbnail, scores } = stored as Readonly<Record<string, unknown>>;
  const cells = Buffer.from(String(thumbnail), 'base64');
  const areScores = Array.isArray(scores) && scores.every((score) => Number.isFinite(score));
  if (!Number.isSafeInteger(ptsMs) || cells.length !== CELLS || !areScores) {
    throw new InferError("the checkpoint's static gate does not hold a picture with its scores", {
      remedy: 'start the source anew with --fresh',
    });
  }
  return { ptsMs: Number(ptsMs), thumbnail: Uint8Array.from(cells), scores: Float32Array.from(scores) };
}
