import type { ReadFrom, ReadPlaces } from './kafka-driver.js';
import type { KafkaPositions } from './kafka-positions.js';

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
}

/** As much of kafkajs's admin client as tells where a topic begins and ends. */
export interface OffsetsAdmin {
  fetchTopicOffsets(topic: string): Promise<(PartitionOffset & { high: string; low: string })[]>;
  fetchTopicOffsetsByTimestamp(topic: string, ms: number): Promise<PartitionOffset[]>;
}

/** Has a reader know where the partitions of its topic begin and end now, and where it begins if it has not begun. */
export async function updatePositions(
  admin: OffsetsAdmin,
  positions: KafkaPositions,
  { topic, from }: { readonly topic: string; readonly from: ReadFrom | ReadPlaces },
): Promise<void> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const ranges = offsets.map(({ partition, low, high }) => ({
    partition,
    low: Number(low),
    high: Number(high),
  }));
  // the end as readers see it may be before a place, as long as a transaction is open there
  if (isPlaces(from))
    return positions.update(
      ranges.map((range) => ({ ...range, high: Number.POSITIVE_INFINITY })),
      from,
    );
  if (!(from instanceof Date) || !positions.isNew) return positions.update(ranges);
  const begins = await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime());
  positions.update(ranges, new Map(begins.map(({ partition, offset }) => [partition, Number(offset)])));
}

/** Whether reading begins at offsets that are named. */
export function isPlaces(from: ReadFrom | ReadPlaces): from is ReadPlaces {
  return from instanceof Map;
}
