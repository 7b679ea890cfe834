import type { PublishError } from './errors.js';
import type { TopicRights } from './kafka-rights.js';

/** What labelcast needs of a Kafka client, so that another library can take the place of the one behind kafka-client.ts. */

/** A record to be sent; `value` null is a tombstone. */
export interface KafkaRecord {
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** A record as it was read. */
export interface StoredRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** A topic that must be there. */
export interface TopicWish {
  readonly name: string;
  readonly cleanup: 'delete' | 'compact';
}

/** A topic as the brokers have it. */
export interface TopicFound {
  readonly partitions: number;
  /** Its `cleanup.policy`; null: it was created just now, or this client may not ask. */
  readonly cleanup: string | null;
}

/** How topics stand that must be there, with nothing created or written. */
export interface TopicReview {
  /** Those that are there. */
  readonly there: ReadonlyMap<string, TopicFound>;
  /** Of those that are there, as far as the brokers tell. */
  readonly rights: TopicRights;
  readonly missing: readonly string[];
  /** Why the missing ones could not be created; null: they could. */
  readonly refusal: PublishError | null;
}

/** An idempotent producer. */
export interface KafkaProducer extends AsyncDisposable {
  /** Begins the session, unless there is one; `send` does so too. Throws PublishError. */
  connect(): Promise<void>;
  /**
   * Resolves when all in-sync replicas have the records, in order, or to why the broker refuses them for themselves (then
   * it has none of them). Throws PublishError; the same records sent again next are not stored twice. One call at a time.
   */
  send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<string | null>;
}

/** Where reading begins: with what is still there, with what comes, or with the first record of that time or later. */
export type ReadFrom = 'beginning' | 'now' | Date;

/** Reads all partitions of a topic, each in its order, and remembers where it stands. */
export interface KafkaReader {
  /**
   * Goes on where the last call ended, until the signal aborts or, with `untilEnd`, everything that was there at the
   * call is read. Waits for `onRecord`, however long it takes. Throws PublishError; a retryable one can be answered with
   * another call.
   */
  read(
    onRecord: (record: StoredRecord) => Promise<void> | void,
    options: { readonly untilEnd: boolean },
    signal: AbortSignal,
  ): Promise<void>;
}

/** The connections to one cluster; closing it ends what is under way. Everything throws PublishError. */
export interface KafkaClient extends AsyncDisposable {
  /** Creates the topics that are missing, as far as that is allowed; resolves to all of them by name. */
  ensureTopics(wishes: readonly TopicWish[]): Promise<ReadonlyMap<string, TopicFound>>;
  /** The same without creating any. */
  reviewTopics(wishes: readonly TopicWish[]): Promise<TopicReview>;
  /** HOST:PORT of all brokers, as they tell others to reach them. */
  listBrokers(): Promise<string[]>;
  /** Rejects when this client may not have the groups that reading takes; none is joined, and no topic of groups made. */
  checkGroups(): Promise<void>;
  createProducer(): KafkaProducer;
  /** `sessionTimeoutMs`: how long the brokers keep a reader that they do not hear of; default: 30 s. */
  createReader(topic: string, from: ReadFrom, options?: { readonly sessionTimeoutMs?: number }): KafkaReader;
}
