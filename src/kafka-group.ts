import type { KafkaReader, OnRecord, ReadOptions, StoredRecord } from './kafka-driver.js';
import { type Attempt, toGroupMove } from './kafka-errors.js';
import type { PartitionRange } from './kafka-positions.js';
import { whenGroupIsReady } from './kafka-reader.js';

/** Records before the group's place that are looked at, so that loss and repeats show across a restart. */
const LOOK_BACK = 1000;
/** How often the place is stored while records come, whichever is first; also after each batch and at the end. */
const STORE_EVERY = { ms: 1000, records: 100 };

/** A partition, where the group stands in it (null: nowhere yet), and where a group that is new begins. */
export interface PartitionStanding extends PartitionRange {
  readonly stored: number | null;
  readonly begin: number;
}

/** One membership of a group; `stop` is to be called once, whatever happened. */
export interface GroupSession {
  start(handlers: {
    /** These partitions are this member's from now on, and paused. */
    readonly onJoin: (partitions: readonly number[]) => void;
    /** Records of one partition, in order. */
    readonly onRecords: (records: readonly StoredRecord[], heartbeat: () => Promise<void>) => Promise<void>;
    /** Told also of what is no record: the marks of transactions. */
    readonly onProgress: (partition: number, next: number) => void;
    readonly onFailure: (error: unknown) => void;
  }): Promise<void>;
  /** Reads a partition from an offset on. */
  begin(partition: number, offset: number): void;
  store(next: ReadonlyMap<number, number>): Promise<void>;
  stop(): Promise<void>;
}

/** A topic as a member of a group needs it. */
export interface GroupTopic {
  readonly name: string;
  readonly attempt: Attempt;
  readonly survey: () => Promise<readonly PartitionStanding[]>;
  /** How often the brokers are to hear of a member that is busy with a record. */
  readonly heartbeatMs: number;
  readonly subscribe: () => GroupSession;
}

interface Place {
  /** Before this one, records are dealt with already, and only looked at. */
  readonly start: number;
  next: number;
  stored: number;
}

/**
 * Reads a topic as a member of a named group: its members share the partitions, and the place in each is stored at the
 * brokers once a record is dealt with, so that who comes next goes on there. A record may come again, none is left out.
 */
export class GroupReader implements KafkaReader {
  readonly #topic: GroupTopic;
  /** Also of partitions that are another member's by now. */
  readonly #places = new Map<number, Place>();

  constructor(topic: GroupTopic) {
    this.#topic = topic;
  }

  read(onRecord: OnRecord, options: ReadOptions, signal: AbortSignal): Promise<void> {
    const { name, attempt, survey, subscribe, heartbeatMs } = this.#topic;
    return attempt(`read ${name}`, () =>
      whenGroupIsReady(async () => {
        const ends = new Map((await survey()).map(({ partition, high }) => [partition, high]));
        if (signal.aborted) return;
        const session = subscribe();
        try {
          const member = { session, survey, places: this.#places, heartbeatMs };
          await new Membership(member, { onRecord, options, ends }, signal).follow();
        } finally {
          await session.stop();
        }
      }),
    );
  }
}

interface Member extends Pick<GroupTopic, 'survey' | 'heartbeatMs'> {
  readonly session: GroupSession;
  readonly places: Map<number, Place>;
}

/** From joining a group to leaving it. */
class Membership {
  readonly #member: Member;
  readonly #onRecord: OnRecord;
  readonly #options: ReadOptions;
  readonly #ends: ReadonlyMap<number, number>;
  readonly #over = new AbortController();
  readonly #end: AbortSignal;
  #failure: { readonly error: unknown } | null = null;
  /** Partitions of this member; null: it is not yet known where they begin. */
  #mine: readonly number[] | null = null;
  #joins = 0;
  #storedMs = 0;
  #unstored = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(
    member: Member,
    read: {
      readonly onRecord: OnRecord;
      readonly options: ReadOptions;
      readonly ends: ReadonlyMap<number, number>;
    },
    signal: AbortSignal,
  ) {
    this.#member = member;
    this.#onRecord = read.onRecord;
    this.#options = read.options;
    this.#ends = read.ends;
    this.#end = AbortSignal.any([signal, this.#over.signal]);
  }

  async follow(): Promise<void> {
    const ended = new Promise<void>((resolve) =>
      this.#end.addEventListener('abort', () => resolve(), { once: true }),
    );
    await this.#member.session.start({
      onJoin: (partitions) => void this.#join(partitions).catch((error: unknown) => this.#fail(error)),
      onRecords: (records, heartbeat) => (this.#work = this.#deal(records, heartbeat)),
      onProgress: (partition, next) => {
        if (this.#end.aborted) return; // what an end interrupted is not read
        const place = this.#member.places.get(partition);
        if (place !== undefined) place.next = Math.max(place.next, next);
        this.#endWhenRead();
      },
      onFailure: (error) => this.#fail(error),
    });
    await ended;
    await this.#work.catch(() => {}); // the last record may still be dealt with
    await this.#store().catch(() => {}); // what is not stored comes again
    if (this.#failure !== null) throw this.#failure.error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#over.abort();
  }

  async #join(partitions: readonly number[]): Promise<void> {
    const { session, survey, places } = this.#member;
    const join = ++this.#joins;
    this.#mine = null;
    const standings = (await survey()).filter(({ partition }) => partitions.includes(partition));
    if (join !== this.#joins || this.#end.aborted) return;
    for (const standing of standings) {
      const { partition, stored, high } = standing;
      const held = places.get(partition);
      const isCurrent = held !== undefined && held.next >= (stored ?? 0) && held.next <= high;
      const place = isCurrent ? held : this.#toPlace(standing);
      places.set(partition, { ...place, stored: stored ?? -1 });
      session.begin(partition, place.next);
    }
    this.#mine = partitions;
    await this.#store().catch((error: unknown) => {
      if (toGroupMove(error) === null) throw error;
    });
    this.#endWhenRead();
  }

  /** A stored place whose records are gone, or that the topic has not reached, begins with what is there. */
  #toPlace({ partition, low, high, stored, begin }: PartitionStanding): Place {
    const wanted = stored ?? begin;
    if (stored !== null && stored < low) this.#options.onGone?.(partition, low - stored);
    const start = wanted > high ? low : Math.max(wanted, low);
    this.#options.onBegin?.(partition);
    return { start, next: Math.max(low, start - LOOK_BACK), stored: -1 };
  }

  async #deal(records: readonly StoredRecord[], heartbeat: () => Promise<void>): Promise<void> {
    // one that fails is told of by the next one between two records
    const beating = setInterval(() => void heartbeat().catch(() => {}), this.#member.heartbeatMs);
    try {
      for (const record of records) if (!(await this.#take(record, heartbeat))) return;
      await this.#store();
    } catch (error) {
      const move = toGroupMove(error);
      if (move === null) return this.#fail(error);
      await this.#store().catch(() => {});
      throw move; // kafkajs joins again
    } finally {
      clearInterval(beating);
    }
  }

  /** False: it is over. */
  async #take(record: StoredRecord, heartbeat: () => Promise<void>): Promise<boolean> {
    const { partition, offset } = record;
    const place = this.#member.places.get(partition);
    if (place === undefined || this.#end.aborted) return false;
    if (offset < place.next) return true;
    if (offset < place.start) this.#options.onEarlier?.(record);
    else if ((await this.#onRecord(record)) === false) {
      this.#over.abort();
      return false;
    }
    place.next = offset + 1;
    const isDue = ++this.#unstored >= STORE_EVERY.records;
    if (isDue || performance.now() - this.#storedMs >= STORE_EVERY.ms) await this.#store();
    await heartbeat();
    return true;
  }

  async #store(): Promise<void> {
    this.#storedMs = performance.now();
    this.#unstored = 0;
    const places = [...this.#member.places].filter(([partition]) => this.#mine?.includes(partition));
    const nexts = new Map(places.map(([partition, { start, next }]) => [partition, Math.max(start, next)]));
    const news = places.filter(([partition, { stored }]) => nexts.get(partition) !== stored);
    if (news.length === 0) return;
    await this.#member.session.store(new Map(news.map(([partition]) => [partition, nexts.get(partition)!])));
    for (const [partition, place] of news) place.stored = nexts.get(partition)!;
  }

  #endWhenRead(): void {
    const isRead = (partition: number): boolean => {
      const { start = 0, next = 0 } = this.#member.places.get(partition) ?? {};
      return Math.max(start, next) >= (this.#ends.get(partition) ?? 0);
    };
    if (this.#options.untilEnd && this.#mine?.every(isRead)) this.#over.abort();
  }
}
