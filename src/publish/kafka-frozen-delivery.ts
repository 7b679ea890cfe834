import type { KafkaTopics } from '../events.js';
import type { KafkaProducer } from '../kafka-client.js';
import type { JournalRow } from '../types.js';
import { FrozenBatch } from './kafka-batch.js';
import type { DeliveryStart, TopicDelivery } from './kafka-delivery.js';
import { toCursor } from './kafka-partitions.js';
import { toTopicRecords } from './kafka-records.js';

/** Delivers at least once: what was sent is sent again, just so, until it is acknowledged. */
export class FrozenDelivery implements TopicDelivery {
  readonly #producer: KafkaProducer;
  readonly #topics: KafkaTopics;
  #partitions: ReadonlyMap<string, number> = new Map();
  /** What was sent and is not yet acknowledged as a whole: nothing else may be sent before it. */
  #frozen: { readonly batch: FrozenBatch; readonly position: number } | null = null;
  /** What is to be delivered next, when nothing of it was before. */
  #foreseen: { readonly rows: readonly JournalRow[]; readonly batch: FrozenBatch } | null = null;

  constructor(producer: KafkaProducer, topics: KafkaTopics) {
    this.#producer = producer;
    this.#topics = topics;
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  async begin({ partitions, tombstones }: DeliveryStart): Promise<void> {
    this.#partitions = partitions;
    // what failed the last time goes out as it was
    this.#frozen ??= { batch: new FrozenBatch(tombstones, partitions), position: 0 };
    await this.#send([]);
  }

  foresee(rows: readonly JournalRow[]): void {
    this.#foreseen = { rows, batch: this.#freeze(rows) };
  }

  async deliver(rows: readonly JournalRow[]): Promise<string> {
    await this.#send(rows);
    return toCursor(rows.at(-1)!.position, this.#partitions); // a relay delivers one row at least
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]();
  }

  async #send(rows: readonly JournalRow[]): Promise<void> {
    const left = this.#frozen?.position ?? 0;
    await this.#frozen?.batch.send(this.#producer);
    this.#frozen = null;
    const fresh = rows.filter(({ position }) => position > left);
    if (fresh.length === 0) return;
    const foreseen = this.#foreseen?.rows === rows && fresh.length === rows.length ? this.#foreseen : null;
    if (foreseen !== null) this.#foreseen = null;
    const batch = foreseen?.batch ?? this.#freeze(fresh);
    this.#frozen = { batch, position: fresh.at(-1)!.position };
    await batch.send(this.#producer);
    this.#frozen = null;
  }

  #freeze(rows: readonly JournalRow[]): FrozenBatch {
    return new FrozenBatch(
      rows.flatMap((row) => toTopicRecords(row, this.#topics)),
      this.#partitions,
    );
  }
}
