import type { PartitionRecords } from './kafka-driver.js';

/** Of a topic, as kafkajs has it. */
export type LedPartitions = readonly { readonly partitionId: number; readonly leader: number }[];

/** A message for kafkajs that names its partition. */
export interface PlacedMessage {
  readonly partition?: number;
}

/**
 * Who leads which partition, as kafkajs knows it at the moment it sends, and a guard that keeps one call from going to two
 * brokers: kafkajs 2.2.4 takes a broker that has acknowledged for done, so when the leader of another partition of the same
 * call moves there, the records of that one are never sent; and when it gives up, nobody learns who had acknowledged.
 */
export class KafkaLeaders {
  readonly #leaders = new Map<string, { readonly of: LedPartitions; readonly by: Map<number, number> }>();
  #first: PlacedMessage | null = null;
  #leader: number | null = null;

  /** Of `requests` those whose leader is that of the first, as far as is known; the first at least. */
  together(requests: readonly PartitionRecords[]): PartitionRecords[] {
    const [first, ...others] = requests;
    if (first === undefined) return [];
    const leader = this.#leaderOf(first);
    return [first, ...others.filter((one) => leader !== undefined && this.#leaderOf(one) === leader)];
  }

  /** Begins a call, whose first message this is; each attempt of it takes that one first. */
  begin(first: PlacedMessage): void {
    this.#first = first;
  }

  /** For kafkajs, in place of a partitioner: each message names its partition. Throws SpreadError. */
  readonly toPartition = ({
    topic,
    partitionMetadata,
    message,
  }: {
    readonly topic: string;
    readonly partitionMetadata: LedPartitions;
    readonly message: PlacedMessage;
  }): number => {
    let known = this.#leaders.get(topic);
    if (known?.of !== partitionMetadata) {
      const by = new Map(partitionMetadata.map(({ partitionId, leader }) => [partitionId, leader]));
      known = { of: partitionMetadata, by };
      this.#leaders.set(topic, known);
    }
    const partition = message.partition!; // stated in all that are sent here
    const leader = known.by.get(partition) ?? null;
    if (message === this.#first) this.#leader = leader;
    else if (leader !== this.#leader) throw new SpreadError();
    return partition;
  };

  #leaderOf({ topic, partition }: PartitionRecords): number | undefined {
    return this.#leaders.get(topic)?.by.get(partition);
  }
}

/** One call would have gone to several brokers; nothing was sent. */
export class SpreadError extends Error {
  override readonly name = 'SpreadError';
}
