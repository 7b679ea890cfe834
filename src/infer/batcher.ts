import { InferError } from '../errors.js';
import type { Lane, OverflowPolicy, Pixels, Tagger } from '../types.js';
import { type ClosedBy, decideBatch, type Waiting } from './batch-policy.js';
import type { StaticGate } from './static-gate.js';
import { type DropReason, StreamQueue, type Ticket } from './stream-queue.js';

/** Frames of one live stream that may be in the tagger or scored but not yet taken. */
export const MAX_LIVE_AHEAD = 4;

/** Counts what the queue does. */
export interface BatcherObserver {
  batch?(batch: { readonly closedBy: ClosedBy; readonly frames: number; readonly fixed: boolean }): void;
  received?(streamId: string): void;
  /** `waitedMs`: in the queue; `ageMs`: from its arrival to its scores. */
  scored?(streamId: string, times: { readonly waitedMs: number; readonly ageMs: number }): void;
  dropped?(streamId: string, reason: DropReason): void;
  /** The static gate left a frame out: it has the scores of an earlier one. */
  skipped?(streamId: string): void;
  /** A frame could not be scored. */
  failed?(streamId: string, error: Error): void;
}

export interface BatcherOptions {
  readonly tagger: Tagger;
  /** Frames in a batch at most; the tagger's own limit holds as well. */
  readonly maxBatch: number;
  /** How long a frame waits for others at most while the tagger has a free lane. */
  readonly maxDelayMs: number;
  /** Frames of each stream that may wait. */
  readonly capacity: number;
  readonly observer?: BatcherObserver;
  readonly now?: () => number;
}

/**
 * The one queue of the process: joins the frames of all streams into batches, in turn, live before files. Holds at most
 * streams × capacity frames waiting and two batches in each device of the tagger.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #now: () => number;
  readonly #running = new Set<Promise<void>>();
  /** The stream whose turn is next comes first. */
  readonly #queues: StreamQueue[] = [];
  #framesInTagger = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Opens a stream's lane: `wait` is for files, which fail with their first frame that cannot be scored. */
  open(
    streamId: string,
    {
      policy,
      capacity = this.#options.capacity,
      fileMode = this.#options.tagger.fileMode,
      onFailed = () => {},
      gate,
    }: {
      readonly policy: OverflowPolicy;
      readonly capacity?: number;
      /** That of the tagger when the epoch of a file was chosen; absent: now. */
      readonly fileMode?: string;
      /** Told why a frame failed, for streams that go on. */
      readonly onFailed?: (error: Error) => void;
      /** Leaves out frames that show nothing new; absent: all are scored. */
      readonly gate?: StaticGate | undefined;
    },
  ): Lane {
    if (this.#isClosed) throw new InferError(`${streamId} cannot be opened: the queue is closed`);
    const { observer } = this.#options;
    const queue = new StreamQueue({
      policy,
      capacity,
      // a frame of a camera that is in the tagger can no longer give way to a newer one
      aheadLimit: policy === 'wait' ? this.#taggerLimit() : Math.min(this.#taggerLimit(), MAX_LIVE_AHEAD),
      fileMode,
      gate,
      now: this.#now,
      events: {
        changed: () => this.#form(),
        received: () => observer?.received?.(streamId),
        scored: (times) => observer?.scored?.(streamId, times),
        dropped: (reason) => observer?.dropped?.(streamId, reason),
        skipped: () => observer?.skipped?.(streamId),
        failed: (error) => {
          observer?.failed?.(streamId, error);
          if (policy === 'drop-oldest') onFailed(error);
        },
      },
    });
    this.#queues.push(queue);
    return queue;
  }

  /** Closes every lane and resolves when the tagger has given back all frames. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const queue of this.#queues.splice(0)) queue.close();
    await Promise.all(this.#running);
  }

  /** Forms batches as long as a lane of the tagger is free and there is one to form. */
  #form(): void {
    clearTimeout(this.#timer);
    this.#forgetClosed();
    this.#failOutgrown();
    while (this.#running.size < this.#options.tagger.lanes) {
      const room = this.#taggerLimit() - this.#framesInTagger;
      const { maxDelayMs, tagger } = this.#options;
      const limits = {
        maxBatch: Math.min(this.#options.maxBatch, tagger.maxBatch, room),
        fileBatch: Math.min(tagger.fileBatch, room),
        maxDelayMs,
      };
      const decision = room <= 0 ? null : decideBatch(this.#view(), limits, this.#now());
      if (decision === null) return;
      if ('waitMs' in decision) {
        this.#timer = setTimeout(() => this.#form(), Math.ceil(decision.waitMs));
        return;
      }
      this.#start(
        decision.closedBy,
        this.#take('drop-oldest', decision.live),
        this.#take('wait', decision.files),
      );
    }
  }

  #start(closedBy: ClosedBy, live: readonly Ticket[], files: readonly Ticket[]): void {
    const tickets = [...live, ...files];
    const fixed = files.length > 0;
    this.#framesInTagger += tickets.length;
    this.#options.observer?.batch?.({ closedBy, frames: tickets.length, fixed });
    const running: Promise<void> = this.#tag(tickets, fixed).finally(() => {
      this.#running.delete(running);
      this.#framesInTagger -= tickets.length;
      this.#form();
    });
    this.#running.add(running);
  }

  /** Never rejects: what goes wrong goes to the streams it concerns. */
  async #tag(tickets: readonly Ticket[], fixed: boolean): Promise<void> {
    const pixels: Pixels[] = tickets.map((ticket) => ticket.frame.pixels);
    try {
      const results = await this.#options.tagger.tag(pixels, { fixed });
      tickets.forEach((ticket, n) =>
        ticket.settle(results[n] ?? new InferError('the tagger left out a frame')),
      );
    } catch (error) {
      const failure = error instanceof Error ? error : new InferError(String(error));
      for (const ticket of tickets) ticket.settle(failure);
    }
  }

  /** Frames of streams with this policy in turn: one each, whoever was served goes to the end of the line. */
  #take(policy: OverflowPolicy, count: number): Ticket[] {
    return Array.from({ length: count }, () => {
      const at = this.#queues.findIndex((queue) => queue.policy === policy && queue.ready > 0);
      const [queue] = this.#queues.splice(at, 1);
      this.#queues.push(queue!);
      return queue!.take();
    });
  }

  #view(): { live: Waiting; files: Waiting; canGrow: boolean } {
    return {
      live: this.#waiting('drop-oldest'),
      files: this.#waiting('wait'),
      canGrow: this.#queues.some((queue) => queue.canGrow),
    };
  }

  #waiting(policy: OverflowPolicy): Waiting {
    let frames = 0;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      if (queue.policy !== policy || queue.ready === 0) continue;
      frames += queue.ready;
      oldestMs = Math.min(oldestMs, queue.oldestMs);
    }
    return { frames, oldestMs };
  }

  /** Two batches for each device, or one of files for each lane where that is more. */
  #taggerLimit(): number {
    const { maxBatch, tagger } = this.#options;
    return Math.max(2 * maxBatch * tagger.devices, tagger.lanes * tagger.fileBatch);
  }

  #forgetClosed(): void {
    const open = this.#queues.filter((queue) => !queue.isClosed);
    if (open.length < this.#queues.length) this.#queues.splice(0, this.#queues.length, ...open);
  }

  /** A file keeps the provider and the batch size it began with, or its scores would not be those of its epoch. */
  #failOutgrown(): void {
    const { fileMode } = this.#options.tagger;
    for (const queue of this.#queues) {
      if (queue.policy !== 'wait' || queue.fileMode === fileMode) continue;
      const message = `what it was begun with (${queue.fileMode}: provider and frames in a batch) is lost`;
      queue.fail(new InferError(message, { remedy: `tag this file again: it will be run by ${fileMode}` }));
    }
  }
}
