import { resolve } from 'node:path';
import { type SinkConfig, toSinkName } from '../config/config.js';
import type { PublishError } from '../errors.js';
import type { JournalRow, Sink } from '../types.js';
import type { JournalHandle } from './journal.js';
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
  /** Wraps each sink; `pending`: how many events it has still to get. */
  readonly observe?: (sink: Sink, pending: () => number) => Sink;
}

/** The relays from one journal to all its sinks; closing ends them, the last opened first. */
export class SinkRelays implements AsyncDisposable {
  readonly #options: SinkRelaysOptions;
  readonly #relays: Relay[] = [];
  readonly #open: AsyncDisposable[] = [];
  /** Why deliveries fail now, by sink. */
  readonly #troubles = new Map<string, string>();

  constructor(options: SinkRelaysOptions) {
    this.#options = options;
  }

  /** What keeps sinks from taking events, in words; empty: nothing. */
  get problems(): string[] {
    return [...this.#troubles].map(([sink, trouble]) => `sink ${sink}: ${trouble}`);
  }

  /** Opens a sink and starts delivering to it. Throws PublishError when only a person can mend what keeps it from that. */
  async add(config: SinkConfig): Promise<void> {
    const { journal, onTrouble, onStopped, observe = (sink) => sink } = this.#options;
    const sink = this.#toSink(config);
    const { name } = sink;
    const held = await journal.cursor(name);
    const place = { at: held?.position ?? (config.from === 'now' ? journal.lastPosition : 0) };
    const observed = observe(sink, () => journal.lastPosition - place.at);
    const followed: Sink = {
      name,
      open: (cursor) => observed.open(cursor),
      deliver: (rows, signal) => this.#deliver({ sink: observed, place, rows }, signal),
    };
    const relay = await openRelay({
      journal,
      sink: followed,
      from: config.from,
      onTrouble: (error) => onTrouble(name, error),
      onStopped: (error) => {
        this.#troubles.set(name, error.message);
        onStopped(name, error);
      },
    });
    this.#relays.push(relay);
    this.#open.push(relay);
  }

  /** Waits until all have everything, until `signal` aborts at the latest; resolves to why some have not. */
  async flush(signal: AbortSignal): Promise<unknown[]> {
    const results = await Promise.allSettled(this.#relays.map((relay) => relay.flush(signal)));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.reverse()) await one[Symbol.asyncDispose]();
  }

  #toSink(config: SinkConfig): Sink {
    const { journal, liveIds, isPatient, onWarning, anew } = this.#options;
    const name = toSinkName(config);
    // one of the two, by the schema
    if (config.kafka === undefined) return openNdjsonSink({ path: resolve(config.ndjson!.path), name, anew });
    const live = liveIds.length === 0 ? null : () => readLiveState(journal, liveIds);
    const warn = (message: string): void => onWarning(name, message);
    const sink = createKafkaSink({ name, config: config.kafka, live, isPatient, onWarning: warn });
    this.#open.push(sink);
    return sink;
  }

  async #deliver(
    delivery: { readonly sink: Sink; readonly place: { at: number }; readonly rows: readonly JournalRow[] },
    signal: AbortSignal,
  ): Promise<string> {
    const { sink, place, rows } = delivery;
    try {
      const cursor = await sink.deliver(rows, signal);
      place.at = rows.at(-1)!.position; // a delivery is never empty
      const pending = this.#options.journal.lastPosition - place.at;
      if (this.#troubles.delete(sink.name)) this.#options.onRecovered(sink.name, pending);
      return cursor;
    } catch (error) {
      this.#troubles.set(sink.name, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
