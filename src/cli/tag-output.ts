import type { FileOutcome } from '../tag-file.js';
import type { Journal, JournalRow, StreamIdentity } from '../types.js';

/** Puts a run's results on standard output. */
export interface TagOutput {
  /** The journal holds, or will hold, this epoch. */
  opened(identity: StreamIdentity): void;
  /** Something was committed. */
  committed(): void;
  /** The n-th source is over; resolves when it is written. */
  finished(n: number, outcome: FileOutcome): Promise<void>;
  /** These streams could not be opened and have no epoch. */
  unopened(streamIds: ReadonlySet<string>): Promise<void>;
}

const ROWS_AT_ONCE = 500;

/** Every event a line, as it is committed; each epoch whole and in order, what was committed earlier first. */
export class EventLines implements TagOutput {
  readonly #journal: Journal;
  readonly #write: (text: string) => Promise<void>;
  /** Epoch → the position up to which it is written. */
  readonly #written = new Map<string, number>();
  #pumping: Promise<void> = Promise.resolve();
  #isDue = false;

  constructor(journal: Journal, write: (text: string) => Promise<void>) {
    this.#journal = journal;
    this.#write = write;
  }

  opened({ epoch }: StreamIdentity): void {
    this.#written.set(epoch, 0);
    this.committed();
  }

  committed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#pumping = this.#pumping.then(() => this.#pump());
    this.#pumping.catch(() => {}); // finished() reports it
  }

  async finished(_: number, { epoch }: FileOutcome): Promise<void> {
    this.committed();
    await this.#pumping;
    if (epoch !== null) this.#written.delete(epoch);
  }

  async unopened(streamIds: ReadonlySet<string>): Promise<void> {
    if (streamIds.size === 0) return;
    let after = 0;
    let rows: JournalRow[];
    do {
      rows = await this.#journal.read(after, ROWS_AT_ONCE, null);
      after = rows.at(-1)?.position ?? after;
      const wanted = rows.filter(({ event }) => streamIds.has(event.data.streamId));
      await this.#write(wanted.map((row) => `${row.json}\n`).join(''));
    } while (rows.length === ROWS_AT_ONCE);
  }

  async #pump(): Promise<void> {
    this.#isDue = false;
    for (const epoch of this.#written.keys()) {
      let rows: JournalRow[];
      do {
        rows = await this.#journal.read(this.#written.get(epoch)!, ROWS_AT_ONCE, epoch);
        if (rows.length === 0) break;
        await this.#write(rows.map((row) => `${row.json}\n`).join(''));
        this.#written.set(epoch, rows.at(-1)!.position);
      } while (rows.length === ROWS_AT_ONCE);
    }
  }
}
