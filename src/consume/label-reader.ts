import { setTimeout as pause } from 'node:timers/promises';
import { PublishError } from '../errors.js';
import type { KafkaReader, StoredRecord } from '../kafka-client.js';
import { toCloudEvent } from './kafka-event.js';
import { type LabelListener, LabelSequence } from './label-sequence.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * Reads a labels topic until the signal aborts or, with `untilEnd`, everything that was there is read. Brokers that
 * cannot be reached are tried again, with `giveUpAfterMs` no longer than that. Throws PublishError, and what the listener
 * throws as it is: that ends the reading.
 */
export async function readLabels(
  reader: KafkaReader,
  listener: LabelListener,
  options: { readonly untilEnd: boolean; readonly giveUpAfterMs: number },
  signal: AbortSignal,
): Promise<void> {
  const sequence = new LabelSequence(listener);
  let lastGood = performance.now();
  const thrown: unknown[] = [];
  const onRecord = async (record: StoredRecord): Promise<void> => {
    try {
      await take(record, sequence, listener);
    } catch (error) {
      thrown.push(error);
      throw error;
    }
    lastGood = performance.now(); // not before: the listener may take its time
  };
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
    const begun = lastGood;
    try {
      return await reader.read(onRecord, options, signal);
    } catch (error) {
      if (thrown.length > 0) throw thrown[0];
      if (signal.aborted) return;
      if (!(error instanceof PublishError) || !error.retryable) throw error;
      if (performance.now() - lastGood > options.giveUpAfterMs) throw error;
      listener.trouble(error);
    }
    if (lastGood > begun) waitMs = FIRST_RETRY_MS;
    await pause(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
  }
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
