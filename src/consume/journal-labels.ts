import type { Journal, NumberedCloudEvent } from '../types.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';
import type { ReadEvent } from './read-event.js';

const PAGE_ROWS = 512;

/** A journal that tells the first number it still holds and the last one of each of its epochs, 0 for none. */
interface NumberedJournal extends Pick<Journal, 'read'> {
  lastNumbers(): Promise<readonly { epoch: string; streamId: string; first: number; sequence: number }[]>;
}

/**
 * The numbered events of a journal, in the order of their commits. Each epoch has to be there from its first number to its
 * last, though the listener gets only what was committed at `from` or later.
 */
export class JournalLabels {
  readonly #sequence: LabelSequence;
  #after = 0;
  #committedMs = 0;

  constructor(listener: LabelListener, from?: Date) {
    const event = (one: NumberedCloudEvent): ReturnType<LabelListener['event']> => {
      if (from === undefined || this.#committedMs >= from.getTime()) return listener.event(one);
    };
    this.#sequence = new LabelSequence({ ...listener, event }, 'from the first');
  }

  /** Reads on from where the last call ended to the newest there was, or until the signal aborts. Throws PublishError. */
  async read(journal: NumberedJournal, signal: AbortSignal): Promise<void> {
    const numbers = await journal.lastNumbers();
    for (const { streamId, epoch, first } of numbers)
      if (first > 1) this.#sequence.begin(streamId, epoch, first);
    for (;;) {
      const rows = await journal.read(this.#after, PAGE_ROWS);
      if (rows.length === 0) break;
      for (const { event, position, committedMs } of rows) {
        if (signal.aborted) return;
        this.#committedMs = committedMs;
        // states of streams have no number
        if (event.sequence !== undefined) await this.#sequence.take(event as ReadEvent);
        this.#after = position;
      }
    }
    for (const { streamId, epoch, sequence } of numbers) this.#sequence.end(streamId, epoch, sequence);
  }
}
