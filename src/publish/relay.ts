import pRetry from 'p-retry';
import { PublishError } from '../errors.js';
import type { JournalRow, Sink } from '../types.js';
import type { JournalHandle } from './journal.js';

/** What a crash may repeat at most. */
const BATCH_ROWS = 256;
/** How long the first event after a rest waits for others of its moment; later ones gather while a delivery is under way. */
const LINGER_MS = 5;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/** What a relay needs of the journal. */
export type RelayJournal = Pick<
  JournalHandle,
  'lastPosition' | 'read' | 'cursor' | 'moveCursor' | 'onCommit'
>;

/** Delivers the journal's events to one sink, in order, for as long as it is open. */
export interface Relay extends AsyncDisposable {
  /**
   * Resolves when everything committed before this call is delivered. Rejects with PublishError when the sink refused
   * for good, or the signal aborted first: what is left stays in the journal.
   */
  flush(signal: AbortSignal): Promise<void>;
}

/** What a relay connects, and who wants to know. */
export interface RelayOptions {
  readonly journal: RelayJournal;
  readonly sink: Sink;
  /** Where a sink begins that this journal has never had; default: the beginning. */
  readonly from?: 'now' | 'beginning';
  /** Told why a delivery failed that is tried again, once for as long as it is the same. */
  readonly onTrouble?: (error: PublishError) => void;
  /** Told why the relay stopped for good, before anybody asks. */
  readonly onStopped?: (error: PublishError) => void;
}

/**
 * Opens the sink where the journal's cursor for it stands and starts delivering committed rows. The cursor moves after the
 * sink acknowledged, so a crash repeats one batch at most. A retryable failure is tried again, later and later, until it
 * works; any other one stops this relay and is what `flush` rejects with. Closing ends a delivery under way first. Throws
 * what `sink.open` throws.
 */
export async function openRelay({ journal, sink, from, ...told }: RelayOptions): Promise<Relay> {
  const now = journal.lastPosition;
  const held = await journal.cursor(sink.name);
  await sink.open(held?.cursor ?? null);
  // kept at once, or a restart before the first delivery would begin later still
  if (held === null && from === 'now') await journal.moveCursor(sink.name, { position: now, cursor: '' });
  const position = held?.position ?? (from === 'now' ? now : 0);
  return new SinkRelay({ journal, sink, ...told }, position);
}

interface Flush {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
}

class SinkRelay implements Relay {
  readonly #journal: RelayJournal;
  readonly #sink: Sink;
  readonly #told: Pick<RelayOptions, 'onTrouble' | 'onStopped'>;
  readonly #stop = new AbortController();
  readonly #flushes = new Set<Flush>();
  readonly #unsubscribe: () => void;
  readonly #running: Promise<void>;
  #position: number;
  #ahead: Promise<JournalRow[]> | null = null;
  #wake: () => void = () => {};
  /** Why the last attempt failed, while it is being tried again. */
  #trouble: PublishError | null = null;
  /** Why this relay has stopped. */
  #failure: PublishError | null = null;

  constructor({ journal, sink, ...told }: Omit<RelayOptions, 'from'>, position: number) {
    this.#journal = journal;
    this.#sink = sink;
    this.#told = told;
    this.#position = position;
    this.#unsubscribe = journal.onCommit(() => this.#wake());
    this.#running = this.#run();
  }

  async flush(signal: AbortSignal): Promise<void> {
    const position = this.#journal.lastPosition;
    if (this.#failure !== null) throw this.#failure;
    if (this.#position >= position) return;
    if (signal.aborted) throw this.#late(position);
    let onAbort = (): void => {};
    const delivered = new Promise<void>((resolve, reject) => {
      const flush = { position, resolve, reject };
      this.#flushes.add(flush);
      onAbort = () => {
        this.#flushes.delete(flush);
        reject(this.#late(position));
      };
    });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await delivered;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    this.#wake();
    await this.#running;
    await this.#ahead?.catch(() => {}); // nobody reads the journal any more
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) await this.#step();
      this.#end(new PublishError(`the relay to ${this.#sink.name} is closed`));
    } catch (error) {
      if (this.#stop.signal.aborted) return this.#end(this.#late(this.#journal.lastPosition));
      const failure = this.#toFailure(error);
      this.#told.onStopped?.(failure);
      this.#end(failure);
    }
  }

  async #step(): Promise<void> {
    if (this.#position >= this.#journal.lastPosition) {
      await this.#nextCommit();
      if (this.#flushes.size === 0) await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      return;
    }
    const rows = await (this.#ahead ?? this.#journal.read(this.#position, BATCH_ROWS));
    const { position } = rows.at(-1)!; // events are never removed behind the newest one
    this.#ahead = this.#readAhead(position);
    await pRetry(() => this.#deliver(rows), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_RETRY_MS,
      maxTimeout: LONGEST_RETRY_MS,
      randomize: true,
      signal: this.#stop.signal,
      shouldRetry: ({ error }) => error instanceof PublishError && error.retryable,
      onFailedAttempt: ({ error }) => this.#note(this.#toFailure(error)),
    });
  }

  /** The next batch, read while this one is under way, unless it would be cut short: what is to come may join it. */
  #readAhead(position: number): Promise<JournalRow[]> | null {
    if (this.#journal.lastPosition < position + BATCH_ROWS) return null;
    const ahead = this.#foresee(position);
    ahead.catch(() => {}); // met when it is its turn
    return ahead;
  }

  async #foresee(position: number): Promise<JournalRow[]> {
    const rows = await this.#journal.read(position, BATCH_ROWS);
    this.#sink.foresee?.(rows);
    return rows;
  }

  #note(trouble: PublishError): void {
    const isNews = trouble.retryable && trouble.message !== this.#trouble?.message;
    this.#trouble = trouble;
    if (isNews) this.#told.onTrouble?.(trouble);
  }

  /** The whole of an attempt: p-retry drops the result of one that succeeds while the relay is being closed. */
  async #deliver(rows: readonly JournalRow[]): Promise<void> {
    const { position } = rows.at(-1)!; // events are never removed behind the newest one
    const cursor = await this.#sink.deliver(rows, this.#stop.signal);
    await this.#journal.moveCursor(this.#sink.name, { position, cursor });
    this.#position = position;
    this.#trouble = null;
    for (const flush of this.#flushes) {
      if (flush.position > position) continue;
      this.#flushes.delete(flush);
      flush.resolve();
    }
  }

  /** Resolves at the next commit, or when the relay is closed; nothing happens between the check and this. */
  #nextCommit(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #end(failure: PublishError): void {
    this.#unsubscribe();
    this.#failure = failure;
    for (const { reject } of this.#flushes) reject(failure);
    this.#flushes.clear();
  }

  #late(position: number): PublishError {
    const why = this.#trouble === null ? '' : `: ${this.#trouble.message}`;
    const remedy = this.#trouble?.remedy ?? 'run the same command again to deliver what is left';
    const left = `the journal up to ${position} was not delivered to ${this.#sink.name} in time`;
    return new PublishError(`${left}; it stands at ${this.#position}${why}`, { remedy, retryable: true });
  }

  #toFailure(error: unknown): PublishError {
    if (error instanceof PublishError) return error;
    return new PublishError(`${this.#sink.name} failed: ${String(error)}`, { cause: error });
  }
}
