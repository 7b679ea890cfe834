import type { Journal, LabelcastEvent, NumberedCloudEvent } from '../types.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';

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
  listener: Omit<LabelListener, 'trouble'>,
  signal: AbortSignal,
): Promise<void> {
  const sequence = new LabelSequence(listener, 'from the first');
  for (let after = 0; ; ) {
    const rows = await journal.read(after, PAGE_ROWS);
    if (rows.length === 0) break;
    for (const { event, position } of rows) {
      if (signal.aborted) return;
      if (isNumbered(event)) await sequence.take(event);
      after = position;
    }
  }
  for (const { streamId, epoch, sequence: last } of await journal.lastNumbers())
    sequence.end(streamId, epoch, last);
}

/** States of streams have no number. */
function isNumbered(event: LabelcastEvent): event is NumberedCloudEvent {
  return event.sequence !== undefined;
}
