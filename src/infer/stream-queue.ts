import { InferError } from '../errors.js';
import type { Frame, Lane, OverflowPolicy, ScoredFrame, Scores } from '../types.js';
import { FrameOrder, type Given, type Outcome } from './frame-order.js';
import type { StaticGate } from './static-gate.js';

/** Why a frame was dropped: its stream's share was full, or the stream was closed. */
export type DropReason = 'overflow' | 'closed';

/** Whom a stream's queue tells what happens to it. */
export interface QueueEvents {
  /** Something came, went or ended: there may be a batch to form. */
  changed(): void;
  received(): void;
  scored(times: { readonly waitedMs: number; readonly ageMs: number }): void;
  dropped(reason: DropReason): void;
  /** The static gate left it out. */
  skipped(): void;
  failed(error: Error): void;
}

export interface StreamQueueOptions {
  readonly policy: OverflowPolicy;
  /** Frames that may wait. */
  readonly capacity: number;
  /** Frames that may be in the tagger or scored but not yet taken. */
  readonly aheadLimit: number;
  /** That of the tagger when this stream began, which holds for files. */
  readonly fileMode: string;
  /** Absent: every frame is scored. */
  readonly gate?: StaticGate | undefined;
  readonly now: () => number;
  readonly events: QueueEvents;
}

interface Waiting {
  readonly frame: Frame;
  readonly cameMs: number;
  readonly outcome: Outcome;
}

interface Taken extends Waiting {
  readonly waitedMs: number;
}

/** A frame on its way through the tagger; to be settled once, which releases its pixels. */
export interface Ticket {
  readonly frame: Frame;
  settle(result: Scores | Error): void;
}

/** One stream's share of the queue, and its scores in the order of its frames. */
export class StreamQueue implements Lane {
  readonly policy: OverflowPolicy;
  readonly fileMode: string;
  readonly #options: StreamQueueOptions;
  readonly #events: QueueEvents;
  readonly #waiting: Waiting[] = [];
  readonly #order: FrameOrder;
  /** Frames that are in the tagger or scored. */
  #ahead = 0;
  #isEnded = false;
  #isClosed = false;
  #isFailed = false;
  #giveRoom: () => void = () => {};
  #wake: () => void = () => {};

  constructor(options: StreamQueueOptions) {
    this.#options = options;
    this.#events = options.events;
    this.policy = options.policy;
    this.fileMode = options.fileMode;
    this.#order = new FrameOrder(options.gate);
  }

  /** Frames that may go into a batch now. */
  get ready(): number {
    return Math.max(0, Math.min(this.#waiting.length, this.#options.aheadLimit - this.#ahead));
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
    if (this.#order.follow(frame)) return this.#wake();
    if (!this.#hasRoom()) {
      if (this.policy === 'wait') this.#refuse(frame, 'a frame came before there was room for it');
      this.#giveUp(this.#waiting.shift()!, 'overflow');
    }
    this.#waiting.push({ frame, cameMs: this.#options.now(), outcome: this.#order.add() });
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
    this.#tellDropped(this.#order.clear(), 'closed');
    this.#events.changed();
  }

  async *scored(): AsyncGenerator<ScoredFrame, void, void> {
    for (;;) {
      if (this.#isClosed) return;
      const given = this.#order.take();
      if (given !== null) {
        const frame = this.#give(given);
        if (frame !== null) yield frame;
      } else if (this.#isEnded && this.#order.isEmpty) {
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
    this.#ahead++;
    this.#order.end(error);
    this.#isFailed = true;
    this.#clear();
  }

  /** The oldest waiting frame, which goes into a batch. */
  take(): Ticket {
    const waiting = this.#waiting.shift()!;
    const waitedMs = this.#options.now() - waiting.cameMs;
    this.#ahead++;
    if (this.#hasRoom()) this.#giveRoom();
    return { frame: waiting.frame, settle: (result) => this.#settle({ ...waiting, waitedMs }, result) };
  }

  /** Null: it failed, and the stream goes on. */
  #give({ result, isStatic }: Given): ScoredFrame | null {
    if (isStatic) {
      if (result instanceof Error) this.#events.failed(result);
      else this.#events.skipped();
    } else {
      this.#ahead--;
      this.#events.changed();
      if (result instanceof Error && this.policy === 'wait') throw result;
    }
    return result instanceof Error ? null : result;
  }

  #settle({ frame, cameMs, waitedMs, outcome }: Taken, result: Scores | Error): void {
    if (this.#isClosed) return this.#drop(frame, 'closed');
    if (result instanceof Error) {
      this.#order.fail(outcome, result);
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
    for (const waiting of this.#waiting.splice(0)) this.#giveUp(waiting, 'closed');
    this.#giveRoom();
    this.#wake();
  }

  /** With the static frames that would have had its scores. */
  #giveUp({ frame, outcome }: Waiting, reason: DropReason): void {
    this.#drop(frame, reason);
    this.#tellDropped(this.#order.remove(outcome), reason);
  }

  #tellDropped(frames: number, reason: DropReason): void {
    for (let n = 0; n < frames; n++) this.#events.dropped(reason);
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
