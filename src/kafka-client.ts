import { randomUUID } from 'node:crypto';
import kafkajs, {
  CompressionTypes,
  type Consumer,
  Kafka,
  type KafkaConfig as KafkaOptions,
  logLevel,
  type PartitionMetadata,
  Partitioners,
  type Producer,
  type ProducerConfig,
  type RequestTimeoutEvent,
} from 'kafkajs';
import type { KafkaConfig } from './config/config.js';
import { checkTls } from './kafka-certificates.js';
import { lz4, zstd } from './kafka-codecs.js';
import type {
  KafkaClient,
  KafkaProducer,
  KafkaReader,
  KafkaRecord,
  OnRecord,
  PartitionRecords,
  ReadFrom,
  ReadOptions,
  ReadPlaces,
  RecordSender,
  StoredRecord,
  TopicFound,
  TopicOffsets,
  TopicReview,
  TopicWish,
  TransactionalProducer,
} from './kafka-driver.js';
import { type Attempt, type KafkaAttempt, toKafkaError } from './kafka-errors.js';
import { toConsumeSession } from './kafka-consume-session.js';
import { GroupReader } from './kafka-group.js';
import { surveyGroup, toGroupSession } from './kafka-group-session.js';
import { KafkaLeaders } from './kafka-leaders.js';
import { isPlaces, updatePositions } from './kafka-places.js';
import { KafkaPositions } from './kafka-positions.js';
import { toProduceSession } from './kafka-produce-session.js';
import { IdempotentProducer } from './kafka-producer.js';
import { PositionedReader } from './kafka-reader.js';
import { readHighWatermarks } from './kafka-cluster.js';
import { calmRequestQueues } from './kafka-request-queue.js';
import { checkGroupRight, checkTransactionRight, readTopicRights } from './kafka-rights.js';
import { KafkaSockets } from './kafka-sockets.js';
import { TopicKeeper } from './kafka-topic-keeper.js';
import { EpochProducer, TRANSACTION_TIMEOUT_MS } from './kafka-transactions.js';
import { toTransactionSession } from './kafka-transaction-session.js';

export type { KafkaClient, KafkaProducer, KafkaReader, KafkaRecord };
export type { OnRecord, PartitionRecords, ReadFrom, ReadOptions, ReadPlaces, RecordSender, StoredRecord };
export type { TopicFound, TopicOffsets, TopicReview, TopicWish, TransactionalProducer };

/** Shorter than a request may take, so that one that timed out is sent again to whoever leads by then. */
const METADATA_MAX_AGE_MS = 3000;
const REQUEST_TIMEOUT_MS = 4500;
const CONNECTION_TIMEOUT_MS = { plain: 5000, tls: 10_000 };
/** A few attempts within a call; patience is the caller's. */
const QUICK = { initialRetryTime: 150, maxRetryTime: 1000, retries: 3 };
/** A group's coordinator may have to be made first. */
const GROUP = { initialRetryTime: 200, maxRetryTime: 1000, retries: 8 };
/** A transaction is begun while the last one is still being ended, which takes milliseconds. */
const TRANSACTION = { initialRetryTime: 5, maxRetryTime: 500, retries: 7 };
const FETCH_WAIT_MS = 500;
const SESSION_TIMEOUT_MS = 30_000;
/**
 * Of a member of a named group: who joins waits for those that are gone, and for those that are busy with a record; its
 * requests are answered after that. All of it is shorter than a connection may be silent.
 */
const MEMBER = { sessionTimeout: 10_000, rebalanceTimeout: 15_000, requestTimeout: 18_000 };
/** Heartbeats in a session. */
const HEARTBEATS = 10;
const CLOSE_MS = 2000;

const COMPRESSIONS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  lz4: CompressionTypes.LZ4,
};
kafkajs.CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
if (zstd !== null) kafkajs.CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
calmRequestQueues();

const partitioner = Partitioners.DefaultPartitioner();
/** What a partitioner is told of topics, by how many partitions they have. */
const partitionsOf = new Map<number, PartitionMetadata[]>();

/** The partition of a key, as every Kafka client with murmur2 has it. */
export function toPartition(key: string, partitions: number): number {
  let partitionMetadata = partitionsOf.get(partitions);
  if (partitionMetadata === undefined) {
    partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    partitionsOf.set(partitions, partitionMetadata);
  }
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } });
}

/** Connects when first used. Throws PublishError when the certificates of the config are none. */
export function createKafkaClient(config: KafkaConfig): KafkaClient {
  return new KafkajsClient(config);
}

class KafkajsClient implements KafkaClient {
  readonly #config: KafkaConfig;
  readonly #sockets: KafkaSockets;
  readonly #options: KafkaOptions;
  readonly #kafka: Kafka;
  readonly #topics: TopicKeeper;
  /** Of delivering; a reader has its own. */
  readonly #writing = { hasWorked: false, hasTopics: false };

  constructor(config: KafkaConfig) {
    const { brokers, clientId, sasl } = config;
    const ssl = config.ssl === true ? {} : config.ssl === false ? null : config.ssl;
    if (ssl !== null) checkTls(ssl);
    const connectionTimeout = ssl === null ? CONNECTION_TIMEOUT_MS.plain : CONNECTION_TIMEOUT_MS.tls;
    this.#sockets = new KafkaSockets(connectionTimeout);
    this.#config = config;
    this.#options = {
      brokers: [...brokers],
      clientId,
      ...(ssl === null ? {} : { ssl: { ...ssl } }),
      ...(sasl === null ? {} : { sasl: { ...sasl } as NonNullable<KafkaOptions['sasl']> }),
      connectionTimeout,
      requestTimeout: REQUEST_TIMEOUT_MS,
      socketFactory: this.#sockets.connect,
      logLevel: logLevel.NOTHING,
      retry: QUICK,
    };
    this.#kafka = new Kafka(this.#options);
    this.#topics = new TopicKeeper({
      config,
      attempt: this.#attempt(this.#writing),
      withAdmin: (use) => this.#withAdmin(use),
      readRights: (topics) => readTopicRights(this.#kafka, topics),
    });
  }

  async ensureTopics(wishes: readonly TopicWish[]): Promise<ReadonlyMap<string, TopicFound>> {
    const topics = await this.#topics.ensure(wishes);
    this.#writing.hasTopics = true;
    return topics;
  }

  reviewTopics(wishes: readonly TopicWish[]): Promise<TopicReview> {
    return this.#topics.review(wishes);
  }

  listBrokers(): Promise<string[]> {
    return this.#attempt(this.#writing)('connect', async () => {
      const { brokers } = await this.#withAdmin((admin) => admin.describeCluster());
      return brokers.map(({ host, port }) => `${host}:${port}`);
    });
  }

  checkGroups(): Promise<void> {
    return this.#attempt(this.#writing)('read', () => checkGroupRight(this.#kafka, toGroupId()));
  }

  checkTransactions(): Promise<void> {
    return this.#attempt(this.#writing)('write', () => checkTransactionRight(this.#kafka, toGroupId()));
  }

  readEnds(topic: string): Promise<ReadPlaces> {
    return this.#attempt(this.#writing)(`read ${topic}`, () => readHighWatermarks(this.#kafka, topic));
  }

  createProducer(): KafkaProducer {
    return new IdempotentProducer(this.#attempt(this.#writing), () => {
      const { producer, options } = this.#toProducer(this.#kafka, { idempotent: true, retry: QUICK });
      return toProduceSession(producer, options);
    });
  }

  createTransactionalProducer(id: string): TransactionalProducer {
    const kafka = new Kafka({ ...this.#options, retry: TRANSACTION });
    const own = { transactionalId: id, transactionTimeout: TRANSACTION_TIMEOUT_MS, retry: TRANSACTION };
    const create = () => {
      const { producer, options } = this.#toProducer(kafka, own);
      return toTransactionSession(producer, options);
    };
    const explain = () => checkTransactionRight(this.#kafka, id);
    return new EpochProducer(id, { attempt: this.#attempt(this.#writing), create, explain });
  }

  createReader(
    topic: string,
    from: ReadFrom | ReadPlaces,
    options: { readonly sessionTimeoutMs?: number; readonly group?: string | undefined } = {},
  ): KafkaReader {
    const { group } = options;
    const isMember = group !== undefined;
    const { sessionTimeoutMs = isMember ? MEMBER.sessionTimeout : SESSION_TIMEOUT_MS } = options;
    const positions = new KafkaPositions(from === 'now' ? 'now' : 'beginning');
    const heartbeatMs = sessionTimeoutMs / HEARTBEATS;
    const reading = { hasWorked: false, hasTopics: false, group };
    const update = () => this.#withAdmin((admin) => updatePositions(admin, positions, { topic, from }));
    const join = (): Consumer => {
      const { requestTimeout, rebalanceTimeout } = MEMBER;
      const kafka = new Kafka({ ...this.#options, ...(isMember && { requestTimeout }), retry: GROUP });
      const consumer = kafka.consumer({
        groupId: group ?? toGroupId(),
        metadataMaxAge: METADATA_MAX_AGE_MS,
        allowAutoTopicCreation: false,
        maxWaitTimeInMs: FETCH_WAIT_MS,
        sessionTimeout: sessionTimeoutMs,
        ...(isMember && { rebalanceTimeout }),
        heartbeatInterval: heartbeatMs,
        retry: { ...GROUP, restartOnFailure: () => Promise.resolve(false) },
      });
      consumer.on(consumer.events.REQUEST_TIMEOUT, this.#leave);
      consumer.on(consumer.events.FETCH, () => void (reading.hasWorked = true));
      return consumer;
    };
    const attempt = this.#attempt(reading);
    const end = (disconnect: () => Promise<void>) => this.#end(disconnect);
    if (isMember) {
      const begin = isPlaces(from) ? 'beginning' : from;
      const survey = () => this.#withAdmin((admin) => surveyGroup(admin, { topic, group, from: begin }));
      const subscribe = () => toGroupSession(join(), topic, end);
      return new GroupReader({ name: topic, attempt, survey, heartbeatMs, subscribe });
    }
    const subscribe = () => toConsumeSession(join(), topic, end);
    return new PositionedReader(positions, { name: topic, attempt, update, heartbeatMs, subscribe });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sockets.close();
  }

  #toProducer(
    kafka: Kafka,
    own: ProducerConfig,
  ): { producer: Producer; options: Parameters<typeof toProduceSession>[1] } {
    const leaders = new KafkaLeaders();
    const producer = kafka.producer({
      maxInFlightRequests: 1,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      createPartitioner: () => leaders.toPartition,
      ...own,
    });
    producer.on(producer.events.REQUEST_TIMEOUT, this.#leave);
    const compression = COMPRESSIONS[this.#config.compression];
    const onWorked = (): void => void (this.#writing.hasWorked = true);
    return { producer, options: { leaders, compression, onWorked } };
  }

  /** To be told of every request that timed out. */
  readonly #leave = ({ payload }: RequestTimeoutEvent): void => this.#sockets.leave(payload.broker);

  /** Runs calls of kafkajs; their failures come out as PublishError. */
  #attempt(memory: Pick<KafkaAttempt, 'hasWorked' | 'hasTopics' | 'group'>): Attempt {
    return async (task, run) => {
      try {
        return await run();
      } catch (error) {
        const { brokers, sasl, ssl } = this.#config;
        const user = sasl?.username ?? null;
        const hasCertificate = typeof ssl === 'object' && ssl.cert !== undefined;
        throw toKafkaError(error, { ...memory, task, brokers, user, hasCertificate });
      }
    };
  }

  async #withAdmin<T>(use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin({ retry: { ...QUICK } });
    admin.on(admin.events.REQUEST_TIMEOUT, this.#leave);
    try {
      await admin.connect();
      return await use(admin);
    } finally {
      await this.#end(() => admin.disconnect());
    }
  }

  /** Says goodbye; a broker that does not listen is left. */
  async #end(disconnect: () => Promise<void>): Promise<void> {
    const late = setTimeout(() => this.#sockets.cut(), CLOSE_MS);
    await disconnect().catch(() => {});
    clearTimeout(late);
  }
}

/** Of a reader; each has its own. */
function toGroupId(): string {
  return `labelcast-${randomUUID()}`;
}
