import { resolve } from 'node:path';
import { type SinkConfig, toSinkName } from '../config/config.js';
import { PublishError } from '../errors.js';
import type { JournalRow, LabelcastEvent, Sink, SinkState } from '../types.js';
import type { JournalHandle } from './journal.js';
import { toTransactionalId } from './kafka-exact-delivery.js';
import { readLiveState } from './kafka-live-state.js';
import { createKafkaSink } from './kafka-sink.js';
import { openNdjsonSink } from './ndjson-sink.js';
import { openRelay, type Relay } from './relay.js';

interface SinkRelaysOptions {
  readonly journal: JournalHandle;
  /** The live streams of this journal. */
  readonly liveIds: readonly string[];
  /** What only a person can mend, at the brokers, keeps no sink from being opened: it is tried again until that is done. */
  readonly isPatient: boolean;
  /** What a user does to begin a sink anew of which the file is lost. */
  readonly anew: string;
  /** Told why a delivery failed that is tried again, once for as long as it is the same. */
  readonly onTrouble: (sink: string, error: PublishError) => void;
  /** Told that deliveries succeed again, and how many events are still to come. */
  readonly onRecovered: (sink: string, pending: number) => void;
  /** Told why nothing will be delivered to a sink any more. */
  readonly onStopped: (sink: string, error: PublishError) => void;
  /** Told what is wrong with a sink though it gets its events. */
  readonly onWarning: (sink: string, message: string) => void;
  /** Wraps each sink, with how it stands. */
  readonly observe?: (sink: Sink, standing: SinkStanding) => Sink;
}

/** How a sink stands at the moment of the call. */
export interface SinkStanding {
  /** How many events it has still to get. */
  readonly pending: () => number;
  readonly state: () => SinkState;
}

/** How far a sink is, by position and in its own terms, and what it gets in place of events, by position (null: nothing). */
interface Place {
  at: number;
  cursor: string;
  readonly skips: ReadonlyMap<number, string | null>;
}

/** The relays from one journal to all its sinks; closing ends them, the last opened first. */
export class SinkRelays implements AsyncDisposable {
  readonly #options: SinkRelaysOptions;
  readonly #relays = new Map<string, Relay>();
  readonly #open: AsyncDisposable[] = [];
  /** Why deliveries fail now, by sink. */
  readonly #troubles = new Map<string, Error>();
  /** Sinks that take nothing any more. */
  readonly #stopped = new Set<string>();
  /** How many events each sink has still to get. */
  readonly #pending = new Map<string, () => number>();

  constructor(options: SinkRelaysOptions) {
    this.#options = options;
  }

  /** What keeps sinks from taking events, in words; empty: nothing. */
  get problems(): string[] {
    return [...this.#troubles].map(
      ([sink, { message }]) => `sink ${sink}${this.#stopped.has(sink) ? ' has stopped' : ''}: ${message}`,
    );
  }

  /** Opens a sink and starts delivering to it. Throws PublishError when only a person can mend what keeps it from that. */
  async add(config: SinkConfig): Promise<void> {
    const { journal, onTrouble, onStopped, observe = (sink) => sink } = this.#options;
    const sink = await this.#toSink(config);
    const { name } = sink;
    const held = await journal.cursor(name);
    const skips = new Map((await journal.skips(name)).map(({ position, json }) => [position, json]));
    const place: Place = {
      at: held?.position ?? (config.from === 'now' ? journal.lastPosition : 0),
      cursor: held?.cursor ?? '',
      skips,
    };
    const pending = (): number => journal.lastPosition - place.at;
    this.#pending.set(name, pending);
    const observed = observe(sink, { pending, state: () => this.#toState(name) });
    const followed: Sink = {
      name,
      open: (cursor) => observed.open(cursor),
      deliver: (rows, signal) => this.#deliver({ sink: observed, place, rows }, signal),
      foresee: (rows) => observed.foresee?.(rows),
    };
    const relay = await openRelay({
      journal,
      sink: followed,
      from: config.from,
      onTrouble: (error) => onTrouble(name, error),
      onStopped: (error) => {
        this.#troubles.set(name, error);
        this.#stopped.add(name);
        onStopped(name, error);
      },
    });
    if (held !== null && held.position < (await journal.removedTo()))
      this.#options.onWarning(
        name,
        'events were removed with age while it was not configured: it lacks them',
      );
    this.#relays.set(name, relay);
    this.#open.push(relay);
  }

  /** Waits until all have everything, until `signal` aborts at the latest; resolves to why some have not. */
  async flush(signal: AbortSignal): Promise<unknown[]> {
    const flushed = [...this.#relays].map(([name, relay]) =>
      relay.flush(signal).then(
        () => [],
        (error: unknown) => [this.#stopped.has(name) ? error : this.#toWaiting(name)],
      ),
    );
    return (await Promise.all(flushed)).flat();
  }

  #toState(name: string): SinkState {
    if (this.#stopped.has(name)) return 'stopped';
    return this.#troubles.has(name) ? 'retrying' : 'delivering';
  }

  #toWaiting(name: string): PublishError {
    const count = this.#pending.get(name)!(); // of each relay
    const trouble = this.#troubles.get(name);
    const events = count === 1 ? '1 event waits' : `${count} events wait`;
    const why = trouble?.message ?? 'it did not take them in time';
    const remedy = trouble instanceof PublishError ? trouble.remedy : undefined;
    return new PublishError(`${events} for ${name}: ${why}; delivered at the next start`, {
      retryable: true,
      cause: trouble,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.reverse()) await one[Symbol.asyncDispose]();
  }

  async #toSink(config: SinkConfig): Promise<Sink> {
    const { journal, liveIds, isPatient, onWarning, anew } = this.#options;
    const name = toSinkName(config);
    // one of the two, by the schema
    if (config.kafka === undefined) return openNdjsonSink({ path: resolve(config.ndjson!.path), name, anew });
    const live = liveIds.length === 0 ? null : () => readLiveState(journal, liveIds);
    const warn = (message: string): void => onWarning(name, message);
    const { exactlyOnce } = config.kafka;
    const transactionalId = exactlyOnce ? toTransactionalId(await journal.journalId(), name) : null;
    const options = { name, config: config.kafka, live, isPatient, transactionalId, onWarning: warn };
    const sink = createKafkaSink(options);
    this.#open.push(sink);
    return sink;
  }

  async #deliver(
    delivery: { readonly sink: Sink; readonly place: Place; readonly rows: readonly JournalRow[] },
    signal: AbortSignal,
  ): Promise<string> {
    const { sink, place, rows } = delivery;
    try {
      const isWhole = !rows.some(({ position }) => place.skips.has(position));
      const taken = isWhole ? rows : rows.flatMap((row) => toTaken(row, place.skips)); // whole, they are those foreseen
      if (taken.length > 0) place.cursor = await sink.deliver(taken, signal);
      place.at = rows.at(-1)!.position; // a delivery is never empty
      const pending = this.#options.journal.lastPosition - place.at;
      if (this.#troubles.delete(sink.name)) this.#options.onRecovered(sink.name, pending);
      return place.cursor;
    } catch (error) {
      this.#troubles.set(sink.name, error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }
}

/** What a sink gets of an event: the event, something in its place, or nothing. */
function toTaken(row: JournalRow, skips: Place['skips']): JournalRow[] {
  const json = skips.get(row.position);
  if (json === undefined) return [row];
  return json === null ? [] : [{ ...row, json, event: JSON.parse(json) as LabelcastEvent }];
}
