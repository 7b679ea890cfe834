import type { Frame, ScoredFrame } from '../types.js';
import type { Reference, StaticGate } from './static-gate.js';

/** What becomes of a frame that is given to the model; null: not known yet. */
export interface Outcome {
  result: ScoredFrame | Error | null;
  readonly reference: Reference | null;
}

/** A frame that has the scores of another, which comes before it. */
interface Static {
  readonly frame: Omit<ScoredFrame, 'scores'>;
  readonly like: Outcome;
}

/** A frame with its scores, or why it has none. */
export interface Given {
  readonly result: ScoredFrame | Error;
  /** It was not scored itself. */
  readonly isStatic: boolean;
}

/**
 * The frames of one stream that are not given out yet, in their order; the gate says which are given to the model. Of others only
 * the time is kept, until the scores they have are there, and only so many are alike (StaticGate): nothing else bounds them.
 */
export class FrameOrder {
  readonly #gate: StaticGate | undefined;
  #order: (Outcome | Static)[] = [];
  /** The last frame for the model: that which static ones are like. */
  #newest: Outcome | null = null;

  /** Without a gate every frame is given to the model. */
  constructor(gate: StaticGate | undefined) {
    this.#gate = gate;
    const { reference = null, scores = null } = gate ?? {};
    // it was given out before this run
    if (scores !== null) this.#newest = { result: { ...NO_FRAME, scores }, reference };
  }

  get isEmpty(): boolean {
    return this.#order.length === 0;
  }

  /** Whether the frame shows nothing new: then it is here now, without its pixels, which are released. */
  follow(frame: Frame): boolean {
    if (!this.#gate?.isStatic(frame)) return false;
    const { ptsMs, damaged, pixels } = frame;
    this.#order.push({ frame: { ptsMs, damaged, hash: pixels.hash() }, like: this.#newest! });
    pixels.release();
    return true;
  }

  /** The place of the frame that `follow` last said no to. */
  add(): Outcome {
    this.#newest = { result: null, reference: this.#gate?.reference ?? null };
    this.#order.push(this.#newest);
    return this.#newest;
  }

  /** An error takes the place of what would have come. */
  end(error: Error): void {
    this.#order.push({ result: error, reference: null });
  }

  /** Takes out the next one whose scores, or whose failure, are known. */
  take(): Given | null {
    const [one] = this.#order;
    if (one === undefined) return null;
    const isStatic = 'like' in one;
    const { result, reference } = isStatic ? one.like : one;
    if (result === null) return null;
    this.#order.shift();
    if (result instanceof Error) return { result, isStatic };
    if (isStatic) return { result: { ...one.frame, scores: result.scores }, isStatic };
    if (reference !== null) this.#gate?.give(reference, result.scores);
    return { result, isStatic };
  }

  /** It could not be scored: the next frame is not compared with it. */
  fail(outcome: Outcome, error: Error): void {
    outcome.result = error;
    if (outcome === this.#newest) this.#gate?.forget();
  }

  /** It will not be scored. Returns how many static frames went with it. */
  remove(outcome: Outcome): number {
    const before = this.#order.length;
    this.#order = this.#order.filter((one) => one !== outcome && !('like' in one && one.like === outcome));
    return before - this.#order.length - 1;
  }

  /** Nothing is given out any more. Returns how many static frames were left. */
  clear(): number {
    return this.#order.splice(0).filter((one) => 'like' in one).length;
  }
}

const NO_FRAME = { ptsMs: 0, damaged: false, hash: 0 };
