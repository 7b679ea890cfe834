import { setTimeout as pause } from 'node:timers/promises';
import { PublishError } from '../errors.js';
import type { KafkaReader, OnRecord, ReadOptions, StoredRecord } from '../kafka-client.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** How long reading goes on. */
export interface Patience {
  /** End when everything that was there is read. */
  readonly untilEnd: boolean;
  /** Brokers that cannot be reached are tried again, no longer than that. */
  readonly giveUpAfterMs: number;
}

/**
 * Reads records until the signal aborts or all is read, and tells `onTrouble` why it has to try again. Throws PublishError,
 * and what `onRecord` throws as it is: that ends the reading.
 */
export async function readPatiently(
  reader: KafkaReader,
  on: Omit<ReadOptions, 'untilEnd'> & {
    readonly record: OnRecord;
    readonly trouble: (error: Error) => void;
  },
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  let lastGood = performance.now();
  const thrown: unknown[] = [];
  const onRecord = async (record: StoredRecord): Promise<boolean> => {
    try {
      const isDone = (await on.record(record)) !== false;
      lastGood = performance.now(); // not before: who is told may take its time
      return isDone;
    } catch (error) {
      thrown.push(error);
      throw error;
    }
  };
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
    const begun = lastGood;
    try {
      return await reader.read(onRecord, { ...on, ...patience }, signal);
    } catch (error) {
      if (thrown.length > 0) throw thrown[0];
      if (signal.aborted) return;
      if (!(error instanceof PublishError) || !error.retryable) throw error;
      if (performance.now() - lastGood > patience.giveUpAfterMs) throw error;
      on.trouble(error);
    }
    if (lastGood > begun) waitMs = FIRST_RETRY_MS;
    await pause(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
  }
}
