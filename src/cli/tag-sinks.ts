import { dirname, relative, resolve } from 'node:path';
import { type SinkConfig, toKafkaConfig, toSinkName } from '../config/config.js';
import type { Log } from '../log.js';
import type { JournalHandle } from '../publish/journal.js';
import { readLiveState } from '../publish/kafka-live-state.js';
import { createKafkaSink } from '../publish/kafka-sink.js';
import { openNdjsonSink } from '../publish/ndjson-sink.js';
import { openRelay, type Relay } from '../publish/relay.js';
import type { Sink } from '../types.js';
import { toMessage } from './messages.js';

/** Where a run of `tag` delivers its events, besides standard output. */
interface Destinations {
  readonly output: string | undefined;
  readonly kafka: readonly string[] | undefined;
  readonly sinks: readonly SinkConfig[];
  readonly journalFile: string;
  /** The live streams of the run. */
  readonly liveIds: readonly string[];
}

/** The relays of a run, from the beginning of its journal; closing ends them in reverse order. */
export class TagSinks implements AsyncDisposable {
  readonly #relays: Relay[] = [];
  readonly #open: AsyncDisposable[] = [];

  /** Opens all. Throws PublishError when one cannot be used for a reason that only a person can mend. */
  static async open(journal: JournalHandle, destinations: Destinations, log: Log): Promise<TagSinks> {
    const opened = new TagSinks();
    try {
      for (const sink of toSinks(destinations, journal)) await opened.#add(journal, sink, log);
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
    return opened;
  }

  /** Waits until everything is delivered, no longer than `timeoutMs`; says what was not. */
  async deliver(timeoutMs: number, say: (text: string) => void): Promise<boolean> {
    const signal = AbortSignal.timeout(timeoutMs);
    const results = await Promise.allSettled(this.#relays.map((relay) => relay.flush(signal)));
    const failures = results.filter((result) => result.status === 'rejected');
    for (const { reason } of failures) say(`error: ${toMessage(reason)}`);
    return failures.length === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.reverse()) await one[Symbol.asyncDispose]();
  }

  async #add(journal: JournalHandle, sink: Sink | (Sink & AsyncDisposable), log: Log): Promise<void> {
    if (Symbol.asyncDispose in sink) this.#open.push(sink);
    const relay = await openRelay({
      journal,
      sink,
      onTrouble: (error) =>
        log.warn({ sink: sink.name }, `${toMessage(error)}; events wait in the journal meanwhile`),
    });
    this.#relays.push(relay);
    this.#open.push(relay);
  }
}

/** Kafka first: what it refuses is known before a file is touched. */
function* toSinks(
  { output, kafka, sinks, journalFile, liveIds }: Destinations,
  journal: JournalHandle,
): Generator<Sink> {
  const live = liveIds.length === 0 ? null : () => readLiveState(journal, liveIds);
  // named for where it leads, so that the same journal can be sent elsewhere too
  if (kafka !== undefined)
    yield createKafkaSink({
      name: `kafka:${[...kafka].sort().join(',')}`,
      config: toKafkaConfig(kafka),
      live,
    });
  for (const config of sinks) {
    const name = toSinkName(config);
    if (config.kafka !== undefined) yield createKafkaSink({ name, config: config.kafka, live });
    if (config.ndjson !== undefined) yield openNdjsonSink(resolve(config.ndjson.path), name);
  }
  if (output === undefined) return;
  // known to its journal by where it lies beside it, so that the folder can be moved
  const file = resolve(output, 'events.ndjson');
  yield openNdjsonSink(file, `ndjson:${relative(dirname(journalFile), file)}`);
}
