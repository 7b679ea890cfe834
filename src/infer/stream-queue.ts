import { InferError } from '../errors.js';
import type { Frame, Lane, OverflowPolicy, ScoredFrame, Scores } from '../types.js';

/** Why a frame was dropped: its stream's share was full, or the stream was closed. */
export type DropReason = 'overflow' | 'closed';

/** Whom a stream's queue tells what happens to it. */
export interface QueueEvents {
  /** Something came, went or ended: there may be a batch to form. */
  changed(): void;
  received(): void;
  scored(times: { readonly waitedMs: number; readonly ageMs: number }): void;
  dropped(reason: DropReason): void;
  failed(error: Error): void;
}

export interface StreamQueueOptions {
  readonly policy: OverflowPolicy;
  /** Frames that may wait. */
  readonly capacity: number;
  /** Frames that may be in the tagger or scored but not yet taken. */
  readonly aheadLimit: number;
  /** The batch size at which this stream began, if it is a file. */
  readonly fileBatch: number;
  readonly now: () => number;
  readonly events: QueueEvents;
}

interface Outcome {
  result: ScoredFrame | Error | null;
}

interface Taken {
  readonly frame: Frame;
  readonly cameMs: number;
  readonly waitedMs: number;
  readonly outcome: Outcome;
}

/** A frame on its way through the tagger; to be settled once, which releases its pixels. */
export interface Ticket {
  readonly frame: Frame;
  settle(result: Scores | Error): void;
}

/** One stream's share of the queue, and its scores in the order of its frames. */
export class StreamQueue implements Lane {
  readonly policy: OverflowPolicy;
  readonly fileBatch: number;
  readonly #options: StreamQueueOptions;
  readonly #events: QueueEvents;
  readonly #waiting: { readonly frame: Frame; readonly cameMs: number }[] = [];
  readonly #ahead: Outcome[] = [];
  #isEnded = false;
  #isClosed = false;
  #isFailed = false;
  #giveRoom: () => void = () => {};
  #wake: () => void = () => {};

  constructor(options: StreamQueueOptions) {
    this.#options = options;
    this.#events = options.events;
    this.policy = options.policy;
    this.fileBatch = options.fileBatch;
  }

  /** Frames that may go into a batch now. */
  get ready(): number {
    return Math.max(0, Math.min(this.#waiting.length, this.#options.aheadLimit - this.#ahead.length));
  }

  /** When the oldest waiting frame came. */
  get oldestMs(): number {
    return this.#waiting[0]?.cameMs ?? Number.POSITIVE_INFINITY;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether a frame could come although none is scored first. */
  get canGrow(): boolean {
    if (this.#isEnded || this.#isClosed || this.#isFailed) return false;
    return this.policy === 'drop-oldest' || this.#hasRoom();
  }

  async push(frame: Frame): Promise<void> {
    if (this.#isEnded) this.#refuse(frame, 'a frame came after the end of its stream');
    this.#events.received();
    if (this.#isClosed || this.#isFailed) return this.#drop(frame, 'closed');
    if (!this.#hasRoom()) {
      if (this.policy === 'wait') this.#refuse(frame, 'a frame came before there was room for it');
      this.#drop(this.#waiting.shift()!.frame, 'overflow');
    }
    this.#waiting.push({ frame, cameMs: this.#options.now() });
    this.#events.changed();
    if (this.policy === 'wait' && !this.#hasRoom() && this.#isOpen()) {
      await new Promise<void>((resolve) => {
        this.#giveRoom = resolve;
      });
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
    this.#events.changed();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clear();
    this.#events.changed();
  }

  async *scored(): AsyncGenerator<ScoredFrame, void, void> {
    for (;;) {
      const result = this.#ahead[0]?.result ?? null;
      if (this.#isClosed) return;
      if (result !== null) {
        this.#ahead.shift();
        this.#events.changed();
        if (!(result instanceof Error)) yield result;
        else if (this.policy === 'wait') throw result;
      } else if (this.#isEnded && this.#ahead.length + this.#waiting.length === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Ends the stream with an error, after what is in the tagger. */
  fail(error: InferError): void {
    if (!this.#isOpen()) return;
    this.#ahead.push({ result: error });
    this.#isFailed = true;
    this.#clear();
  }

  /** The oldest waiting frame, which goes into a batch. */
  take(): Ticket {
    const { frame, cameMs } = this.#waiting.shift()!;
    const waitedMs = this.#options.now() - cameMs;
    const outcome: Outcome = { result: null };
    this.#ahead.push(outcome);
    if (this.#hasRoom()) this.#giveRoom();
    return { frame, settle: (result) => this.#settle({ frame, cameMs, waitedMs, outcome }, result) };
  }

  #settle({ frame, cameMs, waitedMs, outcome }: Taken, result: Scores | Error): void {
    if (this.#isClosed) return this.#drop(frame, 'closed');
    if (result instanceof Error) {
      outcome.result = result;
      this.#events.failed(result);
      frame.pixels.release();
      if (this.policy === 'wait' && !this.#isFailed) {
        this.#isFailed = true;
        this.#clear();
      }
    } else {
      const { ptsMs, damaged, pixels } = frame;
      outcome.result = { ptsMs, damaged, scores: result, hash: pixels.hash() };
      this.#events.scored({ waitedMs, ageMs: this.#options.now() - cameMs });
      pixels.release();
    }
    this.#wake();
  }

  /** Nothing that waits will be scored. */
  #clear(): void {
    for (const { frame } of this.#waiting.splice(0)) this.#drop(frame, 'closed');
    this.#giveRoom();
    this.#wake();
  }

  #drop(frame: Frame, reason: DropReason): void {
    frame.pixels.release();
    this.#events.dropped(reason);
  }

  #refuse(frame: Frame, message: string): never {
    frame.pixels.release();
    throw new RangeError(message);
  }

  #hasRoom(): boolean {
    return this.#waiting.length < this.#options.capacity;
  }

  #isOpen(): boolean {
    return !this.#isClosed && !this.#isFailed;
  }
}
