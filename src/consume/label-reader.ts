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
  const whole = new LabelSequence(listener);
  /** Of a member of a group: what another member read in between is unknown to it. */
  const shares = new Map<number, LabelSequence>();
  const sequenceOf = ({ partition }: StoredRecord): LabelSequence => shares.get(partition) ?? whole;
  const on = {
    record: (record: StoredRecord) => take(record, sequenceOf(record), listener),
    trouble: (error: Error) => listener.trouble(error),
    onBegin: (partition: number) => void shares.set(partition, new LabelSequence(listener)),
    onEarlier: (record: StoredRecord) => {
      const event = toCloudEvent(record);
      if (event !== null) sequenceOf(record).recall(event);
    },
    onGone: (partition: number, count: number) => listener.trouble(toGone(partition, count)),
  };
  await readPatiently(reader, on, patience, signal);
}

async function take(
  record: StoredRecord,
  sequence: LabelSequence,
  listener: LabelListener,
): Promise<boolean> {
  const event = toCloudEvent(record);
  if (event !== null) return sequence.take(event);
  const { partition, offset } = record;
  listener.trouble(
    new PublishError(`the record at offset ${offset} of partition ${partition} is no event`, {
      remedy: 'see who else writes to this topic',
    }),
  );
  return true;
}

function toGone(partition: number, count: number): PublishError {
  const what = count === 1 ? '1 record is' : `${count} records are`;
  return new PublishError(
    `${what} gone from partition ${partition}: the topic keeps none for as long as the group was away`,
    { remedy: 'raise retention.ms of the topic, or read more often' },
  );
}
