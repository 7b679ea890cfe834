import type { ReadFrom, StoredRecord } from './kafka-driver.js';
import type { GroupSession, PartitionStanding } from './kafka-group.js';
import type { OffsetsAdmin, PartitionOffset } from './kafka-places.js';
import { toStoredRecord } from './kafka-reader.js';

/** As much of kafkajs's admin client as tells how a group stands. */
interface GroupAdmin extends OffsetsAdmin {
  fetchOffsets(options: { groupId: string; topics: string[] }): Promise<{ partitions: PartitionOffset[] }[]>;
}

/** As much of kafkajs's consumer as reading needs. */
export interface RawConsumer {
  readonly events: {
    readonly CRASH: 'consumer.crash';
    readonly GROUP_JOIN: 'consumer.group_join';
    readonly END_BATCH_PROCESS: 'consumer.end_batch_process';
  };
  on(name: 'consumer.crash', listener: (event: { payload: { error: Error } }) => void): unknown;
  on(
    name: 'consumer.group_join',
    listener: (event: { payload: { memberAssignment: Record<string, number[]> } }) => void,
  ): unknown;
  on(
    name: 'consumer.end_batch_process',
    listener: (event: { payload: { partition: number; lastOffset: string } }) => void,
  ): unknown;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  subscribe(subscription: { topic: string; fromBeginning: boolean }): Promise<void>;
  run(options: { autoCommit: boolean; eachBatch: (payload: RawBatch) => Promise<void> }): Promise<void>;
  pause(topics: { topic: string; partitions: number[] }[]): void;
  resume(topics: { topic: string; partitions: number[] }[]): void;
  seek(place: PartitionOffset & { topic: string }): void;
  commitOffsets(places: (PartitionOffset & { topic: string })[]): Promise<void>;
}

interface RawBatch {
  readonly batch: {
    readonly partition: number;
    readonly messages: readonly Parameters<typeof toStoredRecord>[0][];
  };
  readonly heartbeat: () => Promise<void>;
}

/** Where the partitions of a topic begin and end, where a group stands in them, and where it begins if it stands nowhere. */
export async function surveyGroup(
  admin: GroupAdmin,
  { topic, group, from }: { readonly topic: string; readonly group: string; readonly from: ReadFrom },
): Promise<PartitionStanding[]> {
  const ranges = await admin.fetchTopicOffsets(topic);
  const [held] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const begins = from instanceof Date ? await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime()) : [];
  const find = (places: readonly PartitionOffset[] | undefined, partition: number): number | null => {
    const offset = Number(places?.find((one) => one.partition === partition)?.offset ?? -1);
    return offset < 0 ? null : offset;
  };
  return ranges.map(({ partition, low, high }) => ({
    partition,
    low: Number(low),
    high: Number(high),
    stored: find(held?.partitions, partition),
    begin: find(begins, partition) ?? Number(from === 'now' ? high : low),
  }));
}

/** Joins a group through a consumer of its own. `end`: says goodbye. */
export function toGroupSession(
  consumer: RawConsumer,
  topic: string,
  end: (disconnect: () => Promise<void>) => Promise<void>,
): GroupSession {
  return {
    start: async ({ onJoin, onRecords, onProgress, onFailure }) => {
      const { events } = consumer;
      consumer.on(events.CRASH, ({ payload }) => onFailure(payload.error));
      consumer.on(events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) =>
        onProgress(partition, Number(lastOffset) + 1),
      );
      consumer.on(events.GROUP_JOIN, ({ payload }) => {
        const partitions = payload.memberAssignment[topic] ?? [];
        consumer.pause([{ topic, partitions }]); // until it is known where they begin
        onJoin(partitions);
      });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: ({ batch: { partition, messages }, heartbeat }) => {
          const records: StoredRecord[] = messages.map((message) => toStoredRecord(message, partition));
          return onRecords(records, heartbeat);
        },
      });
    },
    begin: (partition, offset) => {
      consumer.seek({ topic, partition, offset: String(offset) });
      consumer.resume([{ topic, partitions: [partition] }]);
    },
    store: (next) =>
      consumer.commitOffsets(
        [...next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
      ),
    stop: () => end(() => consumer.disconnect()),
  };
}
