import { PublishError } from '../errors.js';
import { EVENT_TYPES, type KafkaTopics } from '../events.js';
import type { KafkaClient, TransactionalProducer } from '../kafka-client.js';
import type { JournalRow } from '../types.js';
import { FrozenBatch } from './kafka-batch.js';
import { toTopicWishes } from './kafka-cleanup.js';
import type { DeliveryStart, TopicDelivery } from './kafka-delivery.js';
import { toCursor } from './kafka-partitions.js';
import { type TopicRecord, toTopicRecords } from './kafka-records.js';
import { KafkaTail } from './kafka-tail.js';

/** Rows on their way: the records of each, and all of them in the portions in which they are sent. */
interface Batch {
  readonly rows: readonly JournalRow[];
  readonly records: readonly (readonly TopicRecord[])[];
  readonly frozen: FrozenBatch;
}

/**
 * The transactional id of a journal's sink: the same at every start, so that a starting relay fences the one before it, and
 * another one for another journal, though its sink and topics have the same names: two labelcasts may share topics.
 */
export function toTransactionalId(journalId: string, sink: string): string {
  return `labelcast-${journalId}-${sink}`;
}

/**
 * Delivers exactly once for `read_committed` readers: what is delivered at a time is one transaction. At the start, and after
 * any failure, whoever sent before is fenced, the topics are read back from where they were acknowledged last, and what they
 * hold is not sent again.
 */
export class ExactDelivery implements TopicDelivery {
  readonly #client: KafkaClient;
  readonly #producer: TransactionalProducer;
  readonly #topics: KafkaTopics;
  #partitions: ReadonlyMap<string, number> = new Map();
  #tail: KafkaTail;
  #mayRead = false;
  /** Rows may be there of which the journal does not know. */
  #isInDoubt = true;
  /** Position of the last row that is delivered for sure. */
  #position = 0;
  #foreseen: Batch | null = null;

  constructor(client: KafkaClient, transactionalId: string, topics: KafkaTopics) {
    this.#client = client;
    this.#producer = client.createTransactionalProducer(transactionalId);
    this.#topics = topics;
    this.#tail = new KafkaTail(client, topics, new Map());
  }

  async connect(): Promise<void> {
    if (!this.#mayRead) await this.#checkReading();
    this.#mayRead = true;
    await this.#producer.connect();
  }

  async begin({ partitions, tombstones, places }: DeliveryStart): Promise<void> {
    this.#partitions = partitions;
    this.#tail = new KafkaTail(this.#client, this.#topics, places);
    if (tombstones.length > 0)
      await this.#producer.transact((sender) => new FrozenBatch(tombstones, partitions).send(sender));
  }

  foresee(rows: readonly JournalRow[]): void {
    this.#foreseen = this.#toBatch(rows);
  }

  async deliver(rows: readonly JournalRow[], signal: AbortSignal): Promise<string> {
    const { position } = rows.at(-1)!; // a relay delivers one row at least
    // they come again when the journal could not note that they were delivered
    if (position > this.#position) await this.#deliverNew(rows, signal);
    this.#position = position;
    return toCursor(position, this.#partitions, this.#tail.places);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]();
  }

  async #deliverNew(rows: readonly JournalRow[], signal: AbortSignal): Promise<void> {
    await this.#producer.connect();
    const wasInDoubt = this.#isInDoubt;
    // also when there is no doubt: a copy of a journal comes to events that another copy has delivered before
    const missing = toMissing(rows, wasInDoubt ? await this.#tail.find(rows, signal) : this.#tail.found);
    if (missing.length === 0) return; // then those that come next may be there too
    this.#isInDoubt = true; // until it has worked
    try {
      const ends = await this.#transact(this.#takeForeseen(missing) ?? this.#toBatch(missing));
      if (wasInDoubt) this.#tail.settle(); // not before: should it fail, what was found has to be found again
      this.#tail.move(ends);
    } catch (error) {
      this.#tail.forget();
      throw error;
    }
    this.#isInDoubt = false;
  }

  /** A row that is refused for itself takes nothing with it that comes before it. */
  async #transact({ rows, records, frozen }: Batch): ReturnType<TransactionalProducer['transact']> {
    try {
      return await this.#producer.transact((sender) => frozen.send(sender));
    } catch (error) {
      const { refused } = frozen;
      if (refused === null) throw error;
      await this.#producer.connect(); // ends the transaction, which readers would wait for
      const before = rows.slice(
        0,
        records.findIndex((of) => of.includes(refused)),
      );
      if (before.length > 0) await this.#transact(this.#toBatch(before));
      throw error;
    }
  }

  #takeForeseen(rows: readonly JournalRow[]): Batch | null {
    const batch = this.#foreseen?.rows === rows ? this.#foreseen : null;
    if (batch !== null) this.#foreseen = null; // it can be sent once
    return batch;
  }

  #toBatch(rows: readonly JournalRow[]): Batch {
    const records = rows.map((row) => toTopicRecords(row, this.#topics));
    return { rows, records, frozen: new FrozenBatch(records.flat(), this.#partitions) };
  }

  /** Reading back is needed after a crash only, and must not fail then for want of a right. */
  async #checkReading(): Promise<void> {
    const { rights } = await this.#client.reviewTopics(toTopicWishes(this.#topics));
    const unread = [this.#topics.labels, this.#topics.streams].filter(
      (name) => rights.get(name)?.has('READ') === false,
    );
    if (unread.length > 0)
      throw new PublishError(
        `exactlyOnce reads back what was delivered, which is not allowed: ${unread.join(', ')}`,
        {
          remedy: `grant READ on the topics ${unread.join(', ')}`,
        },
      );
    await this.#client.checkGroups();
  }
}

/**
 * Rows behind the last one of their stream that is there: each stream has its order. A sink that was not `exactlyOnce` before
 * may have left a part of a batch; a compacted topic keeps the last of a stream only.
 */
function toMissing(rows: readonly JournalRow[], found: ReadonlySet<string>): readonly JournalRow[] {
  const last = new Map<string, number>();
  for (const row of rows) if (found.has(row.event.id)) last.set(toPlace(row), row.position);
  if (last.size === 0) return rows;
  return rows.filter((row) => row.position > (last.get(toPlace(row)) ?? 0));
}

function toPlace({ event }: JournalRow): string {
  return `${event.type === EVENT_TYPES.state ? 'streams' : 'labels'} ${event.data.streamId}`;
}
