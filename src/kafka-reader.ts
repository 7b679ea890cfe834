import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaReader, OnRecord, ReadOptions, StoredRecord } from './kafka-driver.js';
import { type Attempt, isGroupUnready } from './kafka-errors.js';
import type { KafkaPositions } from './kafka-positions.js';

/** A broker has to make or load the groups it coordinates when the first reader comes; a busy one took ten seconds. */
const NEW_GROUP = { patienceMs: 30_000, askEveryMs: 250 };

/** One subscription to all partitions of a topic; `stop` is to be called once, whatever happened. */
export interface ConsumeSession {
  start(handlers: {
    /** Records of one partition, in order. */
    readonly onRecords: (records: readonly StoredRecord[], heartbeat: () => Promise<void>) => Promise<void>;
    /** Told also of what is no record: the marks of transactions, and what compaction has left. */
    readonly onProgress: (partition: number, next: number) => void;
    readonly onFailure: (error: unknown) => void;
  }): Promise<void>;
  seek(partition: number, offset: number): void;
  stop(): Promise<void>;
}

/** A topic as a reader needs it; `update` asks where its partitions begin and end now. */
export interface ReadableTopic {
  readonly name: string;
  readonly attempt: Attempt;
  readonly update: () => Promise<void>;
  /** How often the brokers are to hear of a reader that is busy with a record. */
  readonly heartbeatMs: number;
  readonly subscribe: () => ConsumeSession;
}

/** Reads through one subscription a call, and remembers its positions between them. */
export class PositionedReader implements KafkaReader {
  readonly #positions: KafkaPositions;
  readonly #topic: ReadableTopic;

  constructor(positions: KafkaPositions, topic: ReadableTopic) {
    this.#positions = positions;
    this.#topic = topic;
  }

  read(onRecord: OnRecord, { untilEnd, until }: ReadOptions, signal: AbortSignal): Promise<void> {
    const { name, attempt, update } = this.#topic;
    const positions = this.#positions;
    const isOver = (): boolean =>
      until === undefined ? untilEnd && positions.isAtEnd : positions.hasReached(until);
    return attempt(`read ${name}`, () =>
      whenGroupIsReady(async () => {
        await update();
        if (signal.aborted || isOver()) return;
        await this.#subscribe(onRecord, isOver, signal);
      }),
    );
  }

  async #subscribe(onRecord: OnRecord, isOver: () => boolean, signal: AbortSignal): Promise<void> {
    const session = this.#topic.subscribe();
    try {
      await this.#follow(session, { onRecord, isOver }, signal);
    } finally {
      await session.stop();
    }
  }

  async #follow(
    session: ConsumeSession,
    { onRecord, isOver }: { readonly onRecord: OnRecord; readonly isOver: () => boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const positions = this.#positions;
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    const ended = new Promise<void>((resolve) =>
      end.addEventListener('abort', () => resolve(), { once: true }),
    );
    let failure: { readonly error: unknown } | null = null;
    const fail = (error: unknown): void => {
      failure ??= { error };
      over.abort();
    };
    await session.start({
      onRecords: async (records, heartbeat) => {
        try {
          if (!(await this.#take(records, { onRecord, heartbeat }, end))) over.abort();
        } catch (error) {
          fail(error);
        }
      },
      onProgress: (partition, next) => {
        if (end.aborted) return; // what an end interrupted is not read
        positions.advance(partition, next);
        if (isOver()) over.abort();
      },
      onFailure: fail,
    });
    // kafkajs has no group to seek in when joining it failed
    if (!end.aborted) for (const [partition, next] of positions.all) session.seek(partition, next);
    await ended;
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  }

  /** False: it is over. */
  async #take(
    records: readonly StoredRecord[],
    { onRecord, heartbeat }: { readonly onRecord: OnRecord; readonly heartbeat: () => Promise<void> },
    end: AbortSignal,
  ): Promise<boolean> {
    // one that fails is told of by the next one between two records
    const beating = setInterval(() => void heartbeat().catch(() => {}), this.#topic.heartbeatMs);
    try {
      for (const record of records) {
        const { partition, offset } = record;
        if (end.aborted) return false;
        if (offset < this.#positions.next(partition)) continue;
        if ((await onRecord(record)) === false) return false;
        this.#positions.advance(partition, offset + 1);
        await heartbeat();
      }
      return true;
    } finally {
      clearInterval(beating);
    }
  }
}

/** Tries again while brokers say that they do not know the group yet. */
export async function whenGroupIsReady(read: () => Promise<void>): Promise<void> {
  for (const endMs = performance.now() + NEW_GROUP.patienceMs; ; await wait(NEW_GROUP.askEveryMs)) {
    try {
      return await read();
    } catch (error) {
      if (!isGroupUnready(error) || performance.now() >= endMs) throw error;
    }
  }
}

/** A record as kafkajs hands it over. */
interface RawRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly timestamp: string;
}

/** A record as text; of a header given more than once, the first. */
export function toStoredRecord(
  { key, value, headers, offset, timestamp }: RawRecord,
  partition: number,
): StoredRecord {
  const pairs = Object.entries(headers ?? {}).map(
    ([name, held]) => [name, String(Array.isArray(held) ? held[0] : held)] as const,
  );
  return {
    partition,
    offset: Number(offset),
    key: key === null ? null : key.toString(),
    value: value === null ? null : value.toString(),
    headers: Object.fromEntries(pairs),
    timestampMs: Number(timestamp),
  };
}
