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

/** Records of one partition, in their order. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
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

/** What records are sent with. */
export interface RecordSender {
  /**
   * Resolves when all in-sync replicas have the records, in order, or to why the broker refuses them for themselves (then
   * it has none of them). Throws PublishError; the same records sent again next are not stored twice. One call at a time.
   */
  send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<string | null>;
  /**
   * The same for the first of `requests`, each of another partition, and for those others that go to the same broker, in
   * one request. Resolves to those that are acknowledged; none: they have to be sent one by one, because the broker
   * refuses one of them, or another one leads by now. None may be sent in other portions before it is acknowledged.
   */
  sendTogether(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]>;
}

/** An idempotent producer. */
export interface KafkaProducer extends RecordSender, AsyncDisposable {
  /** Begins the session, unless there is one; sending does so too. Throws PublishError. */
  connect(): Promise<void>;
}

/** Offsets by topic and partition. */
export type TopicOffsets = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** A producer of which `read_committed` readers see whole transactions or nothing; the last one with an id fences the others. */
export interface TransactionalProducer extends AsyncDisposable {
  /**
   * Begins a session, unless there is one. Who had the transactional id before can send nothing from then on, and what it
   * left open has ended, one way or the other: whether its records are there can be read. Throws PublishError.
   */
  connect(): Promise<void>;
  /**
   * Commits what `send` sends as a whole; resolves to the offsets behind the last record in each partition, as far as
   * the brokers tell. Throws PublishError, or what `send` throws: then the session is over, and what was sent is in doubt until the next one.
   */
  transact(send: (sender: RecordSender) => Promise<void>): Promise<TopicOffsets>;
}

/** Where reading begins: with what is still there, with what comes, or with the first record of that time or later. */
export type ReadFrom = 'beginning' | 'now' | Date;

/** Offsets to begin at, or to read up to, by partition; one that is not named begins with what is still there. Who begins at some reads up to some. */
export type ReadPlaces = ReadonlyMap<number, number>;

/** What is done with a record; false: nothing, the reading is over. */
export type OnRecord = (record: StoredRecord) => Promise<boolean | void> | boolean | void;

/** How long is read; `onBegin` and what follows are of members of groups only. */
export interface ReadOptions {
  readonly untilEnd: boolean;
  /** In place of the end as a reader sees it: these offsets, of all partitions. Not of members of groups. */
  readonly until?: ReadPlaces;
  /** A partition is read from here on that was not, or was another member's in between. */
  readonly onBegin?: (partition: number) => void;
  /** Records before the group's place, which were dealt with before: to know what was there. */
  readonly onEarlier?: (record: StoredRecord) => void;
  /** So many records were removed from the topic before the group came to them. */
  readonly onGone?: (partition: number, count: number) => void;
}

/** Reads all partitions of a topic, or its share of them, each in its order, and remembers where it stands. */
export interface KafkaReader {
  /**
   * Goes on where the last call ended, until the signal aborts or, with `untilEnd`, everything that was there at the
   * call is read. Waits for `onRecord`, however long it takes. Throws PublishError; a retryable one can be answered with
   * another call.
   */
  read(onRecord: OnRecord, options: ReadOptions, signal: AbortSignal): Promise<void>;
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
  /** Rejects when this client may not have the transactional ids that begin with labelcast-; none is taken. */
  checkTransactions(): Promise<void>;
  /** Where each partition ends, with what is still part of an open transaction. */
  readEnds(topic: string): Promise<ReadPlaces>;
  createProducer(): KafkaProducer;
  /** `id`: begins with labelcast-. */
  createTransactionalProducer(id: string): TransactionalProducer;
  /**
   * `sessionTimeoutMs`: how long the brokers keep a reader that they do not hear of; default: 30 s. `group`: it is a member of
   * that group, whose places the brokers store; `from`: where a group begins that has none.
   */
  createReader(
    topic: string,
    from: ReadFrom | ReadPlaces,
    options?: { readonly sessionTimeoutMs?: number; readonly group?: string | undefined },
  ): KafkaReader;
}
