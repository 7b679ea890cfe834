import type { Journal } from '../types.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';
import type { ReadEvent } from './read-event.js';

const PAGE_ROWS = 512;

/** A journal that tells the last number of each of its epochs, 0 for none. */
interface NumberedJournal extends Pick<Journal, 'read'> {
  lastNumbers(): Promise<readonly { epoch: string; streamId: string; sequence: number }[]>;
}

/**
 * Reads the numbered events of a journal, from the oldest it holds to the newest there was, in the order of their commits,
 * or until the signal aborts. Each epoch has to be there from its first number to its last. Throws PublishError.
 */
export async function readJournalLabels(
  journal: NumberedJournal,
  listener: LabelListener,
  signal: AbortSignal,
): Promise<void> {
  const sequence = new LabelSequence(listener, 'from the first');
  for (let after = 0; ; ) {
    const rows = await journal.read(after, PAGE_ROWS);
    if (rows.length === 0) break;
    for (const { event, position } of rows) {
      if (signal.aborted) return;
      // states of streams have no number
      if (event.sequence !== undefined) await sequence.take(event as ReadEvent);
      after = position;
    }
  }
  for (const { streamId, epoch, sequence: last } of await journal.lastNumbers())
    sequence.end(streamId, epoch, last);
}
