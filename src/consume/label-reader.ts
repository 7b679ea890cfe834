import { PublishError } from '../errors.js';
import type { KafkaReader, StoredRecord } from '../kafka-client.js';
import { toCloudEvent } from './kafka-event.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';
import { type Patience, readPatiently } from './patient-reading.js';

/**
 * Reads a labels topic until the signal aborts or, with `untilEnd`, everything that was there is read. Throws PublishError,
 * and what the listener throws as it is: that ends the reading.
 */
export async function readLabels(
  reader: KafkaReader,
  listener: LabelListener,
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  const sequence = new LabelSequence(listener);
  const record = (one: StoredRecord) => take(one, sequence, listener);
  await readPatiently(reader, { record, trouble: (error) => listener.trouble(error) }, patience, signal);
}

async function take(record: StoredRecord, sequence: LabelSequence, listener: LabelListener): Promise<void> {
  const event = toCloudEvent(record);
  if (event !== null) return sequence.take(event);
  const { partition, offset } = record;
  listener.trouble(
    new PublishError(`the record at offset ${offset} of partition ${partition} is no event`, {
      remedy: 'see who else writes to this topic',
    }),
  );
}
