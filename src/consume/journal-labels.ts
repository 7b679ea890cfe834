import type { Journal, LabelcastEvent } from '../types.js';
import type { NumberedCloudEvent } from './kafka-event.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';

const PAGE_ROWS = 512;

/**
 * Reads the numbered events of a journal, from the oldest it holds to the newest there was, in the order of their commits,
 * or until the signal aborts. Throws PublishError.
 */
export async function readJournalLabels(
  journal: Pick<Journal, 'read'>,
  listener: Omit<LabelListener, 'trouble'>,
  signal: AbortSignal,
): Promise<void> {
  const sequence = new LabelSequence(listener);
  for (let after = 0; ; ) {
    const rows = await journal.read(after, PAGE_ROWS);
    if (rows.length === 0) return;
    for (const { event, position } of rows) {
      if (signal.aborted) return;
      if (isNumbered(event)) await sequence.take(event);
      after = position;
    }
  }
}

/** States of streams have no number. */
function isNumbered(event: LabelcastEvent): event is NumberedCloudEvent {
  return event.sequence !== undefined;
}
