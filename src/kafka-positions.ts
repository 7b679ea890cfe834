/** First offset, and offset of the next record to be written, of one partition. */
export interface PartitionRange {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** Where a reader stands in each partition of a topic, and where the topic ended when it was last asked. */
export class KafkaPositions {
  readonly #from: 'beginning' | 'now';
  readonly #next = new Map<number, number>();
  #ends: readonly PartitionRange[] = [];

  constructor(from: 'beginning' | 'now') {
    this.#from = from;
  }

  /**
   * Takes in where the partitions begin and end now; one seen for the first time is begun with, where `begins` has it if it
   * does. One that ends before the reader's place was made anew or cut, and is read again from its beginning.
   */
  update(ranges: readonly PartitionRange[], begins: ReadonlyMap<number, number> = new Map()): void {
    const isFirst = this.isNew;
    for (const { partition, low, high } of ranges) {
      const begin = begins.get(partition) ?? (isFirst && this.#from === 'now' ? high : low);
      const next = this.#next.get(partition) ?? begin;
      this.#next.set(partition, next > high ? low : Math.max(next, low));
    }
    this.#ends = ranges;
  }

  /** Nothing is known of the topic yet. */
  get isNew(): boolean {
    return this.#next.size === 0;
  }

  /** Next offset to be read, by partition. */
  get all(): IterableIterator<[number, number]> {
    return this.#next.entries();
  }

  /** Whether everything that was there at the last update is read. */
  get isAtEnd(): boolean {
    return this.#ends.every(({ partition, high }) => this.next(partition) >= high);
  }

  /** Whether every partition is read up to these offsets. */
  hasReached(places: ReadonlyMap<number, number>): boolean {
    return [...places].every(([partition, offset]) => this.next(partition) >= offset);
  }

  next(partition: number): number {
    return this.#next.get(partition) ?? 0;
  }

  /** Never moves back. */
  advance(partition: number, next: number): void {
    this.#next.set(partition, Math.max(this.next(partition), next));
  }
}
