import type { PartitionRecords, TopicOffsets } from './kafka-driver.js';
import { type Acknowledgement, type LedProducer, toProduceSession } from './kafka-produce-session.js';
import type { TransactionSession } from './kafka-transactions.js';

/** A producer of kafkajs that has a transactional id. */
interface TransactingProducer extends Pick<LedProducer, 'connect' | 'disconnect'> {
  /** The first one fences whoever had the id before. */
  transaction(): Promise<Pick<LedProducer, 'sendBatch'> & { commit(): Promise<void> }>;
}

/** What is sent begins a transaction, unless one is open. */
export function toTransactionSession(
  producer: TransactingProducer,
  { onWorked, ...options }: Parameters<typeof toProduceSession>[1],
): TransactionSession {
  let transaction: Awaited<ReturnType<TransactingProducer['transaction']>> | null = null;
  const ends = new StoredEnds();
  const session = toProduceSession(
    {
      connect: async () => {
        await producer.connect();
        transaction = await producer.transaction();
      },
      disconnect: () => producer.disconnect(),
      sendBatch: async (batch) => {
        transaction ??= await producer.transaction();
        return transaction.sendBatch(batch);
      },
    },
    {
      ...options,
      onWorked: (sent, answers) => {
        ends.add(sent, answers);
        onWorked(sent, answers);
      },
    },
  );
  return {
    ...session,
    commit: async () => {
      await transaction?.commit();
      transaction = null;
    },
    takeEnds: () => ends.take(),
  };
}

/** Gathers offsets behind what was acknowledged. */
class StoredEnds {
  #ends = new Map<string, Map<number, number>>();

  add(sent: readonly PartitionRecords[], answers: readonly Acknowledgement[]): void {
    for (const { topicName, partition, baseOffset = '-1' } of answers) {
      const one = sent.find(({ topic, ...place }) => topic === topicName && place.partition === partition);
      // a repeat of which the broker has forgotten the place is not told of
      if (one === undefined || Number(baseOffset) < 0) continue;
      const ends = this.#ends.get(topicName) ?? new Map<number, number>();
      this.#ends.set(topicName, ends.set(partition, Number(baseOffset) + one.records.length));
    }
  }

  take(): TopicOffsets {
    const ends = this.#ends;
    this.#ends = new Map();
    return ends;
  }
}
