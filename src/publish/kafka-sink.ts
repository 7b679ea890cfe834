import type { KafkaConfig } from '../config/config.js';
import { warnOfPlainPassword } from '../config/plain-password.js';
import { PublishError } from '../errors.js';
import { type KafkaTopics, toTopics } from '../events.js';
import { createKafkaClient, type KafkaClient, type TopicOffsets } from '../kafka-client.js';
import type { JournalRow, Sink } from '../types.js';
import { checkCleanups, toTopicWishes } from './kafka-cleanup.js';
import type { TopicDelivery } from './kafka-delivery.js';
import { ExactDelivery } from './kafka-exact-delivery.js';
import { FrozenDelivery } from './kafka-frozen-delivery.js';
import type { LiveState } from './kafka-live-state.js';
import { checkStated, checkUnchanged, readCounts, readPlaces } from './kafka-partitions.js';
import { type TopicRecord, toTombstone } from './kafka-records.js';

/** Opening waits no longer than this for brokers that do not answer; the first delivery goes on with it. */
const OPEN_MS = 5000;
/** How long a delivery under way may go on once the relay is being closed. */
const CLOSE_MS = 3000;

/** A sink to be closed after its relay. */
export interface KafkaSink extends Sink, AsyncDisposable {}

/**
 * The topics PREFIX.labels, PREFIX.state and PREFIX.streams. `open` throws PublishError for what only a person can mend
 * (login, certificate, rights, topics) and lets brokers that cannot be reached be tried again by `deliver`. Its cursor
 * is the position delivered, for people to read, and the partitions that it was delivered to. `live`: asked once, before the first delivery; null: there is no live
 * stream. `isPatient`: `open` throws nothing that could be mended over there, and `deliver` can be tried again until it is.
 * `onWarning`: told what is wrong though events are delivered, each once. `transactionalId`: each event is delivered exactly once,
 * in transactions of this id; null: at least once.
 */
export function createKafkaSink(options: {
  readonly name: string;
  readonly config: KafkaConfig;
  readonly live: (() => Promise<LiveState>) | null;
  readonly isPatient?: boolean;
  readonly onWarning?: (message: string) => void;
  readonly transactionalId?: string | null;
}): KafkaSink {
  return new TopicsSink(options);
}

class TopicsSink implements KafkaSink {
  readonly name: string;
  readonly #topics: KafkaTopics;
  readonly #client: KafkaClient;
  readonly #delivery: TopicDelivery;
  readonly #live: (() => Promise<LiveState>) | null;
  readonly #config: KafkaConfig;
  readonly #isPatient: boolean;
  readonly #onWarning: (message: string) => void;
  readonly #warned = new Set<string>();
  /** Partitions when it was last delivered to them. */
  #before: ReadonlyMap<string, number> = new Map();
  /** Where they ended then. */
  #places: TopicOffsets = new Map();
  #preparing: Promise<void> | null = null;
  #isPrepared = false;

  constructor({
    name,
    config,
    live,
    isPatient = false,
    onWarning = () => {},
    transactionalId = null,
  }: Parameters<typeof createKafkaSink>[0]) {
    this.name = name;
    this.#topics = toTopics(config.topicPrefix);
    this.#client = createKafkaClient(config);
    this.#delivery =
      transactionalId === null
        ? new FrozenDelivery(this.#client.createProducer(), this.#topics)
        : new ExactDelivery(this.#client, transactionalId, this.#topics);
    this.#live = live;
    this.#config = config;
    this.#isPatient = isPatient;
    this.#onWarning = onWarning;
  }

  async open(cursor: string | null): Promise<void> {
    this.#before = readCounts(cursor);
    this.#places = readPlaces(cursor);
    const warning = warnOfPlainPassword(this.#config);
    if (warning !== null) this.#warn(warning);
    let late: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (late = setTimeout(resolve, OPEN_MS)));
    const prepared = this.#prepare();
    prepared.catch(() => {}); // what comes too late here, the first delivery meets again
    try {
      await Promise.race([prepared, enough]);
    } catch (error) {
      if (!(error instanceof PublishError) || !error.retryable) throw error;
    } finally {
      clearTimeout(late);
    }
  }

  foresee(rows: readonly JournalRow[]): void {
    if (this.#isPrepared) this.#delivery.foresee(rows);
  }

  async deliver(rows: readonly JournalRow[], signal: AbortSignal): Promise<string> {
    let late: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      late = setTimeout(() => void this.#client[Symbol.asyncDispose](), CLOSE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#prepare();
      return await this.#delivery.deliver(rows, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(late);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = setTimeout(() => void this.#client[Symbol.asyncDispose](), CLOSE_MS);
    await this.#delivery[Symbol.asyncDispose]();
    clearTimeout(late);
    await this.#client[Symbol.asyncDispose]();
  }

  #prepare(): Promise<void> {
    if (this.#preparing === null && this.#isPrepared) return Promise.resolve();
    this.#preparing ??= this.#start()
      .catch((error: unknown) => {
        throw this.#isPatient && error instanceof PublishError ? toRetryable(error) : error;
      })
      .finally(() => (this.#preparing = null));
    return this.#preparing;
  }

  async #start(): Promise<void> {
    const wishes = toTopicWishes(this.#topics);
    const topics = await this.#client.ensureTopics(wishes);
    const [broker] = this.#config.brokers as [string]; // one at least, by the schema
    // all that were wished for are there
    const partitions = new Map(wishes.map(({ name }) => [name, topics.get(name)!.partitions]));
    const warnings = [
      ...checkCleanups(wishes, { topics, broker }),
      ...checkStated(wishes, topics, this.#config.partitions ?? null),
      ...checkUnchanged(this.#before, partitions),
    ];
    for (const { message, remedy } of warnings) this.#warn(`${message}; ${remedy}`);
    await this.#delivery.connect();
    const tombstones = await this.#findStale();
    await this.#delivery.begin({ partitions, tombstones, places: this.#places });
    this.#isPrepared = true;
  }

  /** Once, though preparing may fail later on and be tried again. */
  #warn(message: string): void {
    if (!this.#warned.has(message)) this.#onWarning(message);
    this.#warned.add(message);
  }

  /** Tombstones for what the state topic still holds of streams of this journal, though it is over. */
  async #findStale(): Promise<TopicRecord[]> {
    const live = await this.#live?.();
    if (live === undefined || live.streamIds.size === 0) return [];
    const held = new Map<string, number>();
    const reader = this.#client.createReader(this.#topics.state, 'beginning');
    await reader.read(
      ({ key, value, timestampMs }) => {
        if (value === null) held.delete(key ?? '');
        else held.set(key ?? '', timestampMs);
      },
      { untilEnd: true },
      new AbortController().signal,
    );
    const isStale = ([key]: [string, number]): boolean =>
      live.streamIds.has(key.slice(0, key.indexOf('/'))) && !live.openKeys.has(key);
    return [...held].filter(isStale).map(([key, timestampMs]) => ({
      topic: this.#topics.state,
      record: toTombstone(key, timestampMs),
      name: `the end of ${key}`,
    }));
  }
}

function toRetryable({ message, remedy, cause }: PublishError): PublishError {
  return new PublishError(message, { retryable: true, cause, ...(remedy === undefined ? {} : { remedy }) });
}
