import type { RawConsumer } from './kafka-group-session.js';
import { type ConsumeSession, toStoredRecord } from './kafka-reader.js';

/** Reads all partitions of a topic through a consumer of its own. `end`: says goodbye. */
export function toConsumeSession(
  consumer: RawConsumer,
  topic: string,
  end: (disconnect: () => Promise<void>) => Promise<void>,
): ConsumeSession {
  return {
    start: async ({ onRecords, onProgress, onFailure }) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => onFailure(payload.error));
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) =>
        onProgress(partition, Number(lastOffset) + 1),
      );
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages }, ...payload }) =>
          onRecords(
            messages.map((message) => toStoredRecord(message, partition)),
            () => payload.heartbeat(),
          ),
      });
    },
    seek: (partition, offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    stop: () => end(() => consumer.disconnect()),
  };
}
