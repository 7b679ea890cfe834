/**
 * `labelcast/consume`: the label events of a Kafka topic or of a journal, typed, with what their numbers tell of loss and
 * repeats.
 */
import { readKafkaSettings } from './config/read-config.js';
import { EventFilter } from './consume/event-filter.js';
import type { LabelListener } from './consume/label-sequence.js';
import { Rendezvous } from './consume/rendezvous.js';
import type { SequenceFinding } from './consume/sequence-check.js';
import { ConfigError } from './errors.js';
import type { NumberedCloudEvent } from './events.js';
import { readJournal, readTopic } from './label-sources.js';

export { ConfigError, PublishError } from './errors.js';
export type {
  Clock,
  CloudEvent,
  CompletedEvent,
  CompletedEventData,
  LabelEvent,
  LabelEventData,
  LostEvent,
  LostEventData,
  NumberedCloudEvent,
  StreamKind,
  Thresholds,
  TransitionPhase,
  TransitionReason,
} from './events.js';
export type { SequenceFinding };

/** A Kafka cluster, with the same keys and defaults as a `kafka` sink in labelcast.yaml. */
export interface KafkaSource {
  /** `HOST:PORT` of the brokers to begin with. */
  readonly brokers: readonly string[];
  /** The events are in the topic PREFIX.labels; default: labelcast. */
  readonly topicPrefix?: string;
  /** How the brokers know this client; default: labelcast. */
  readonly clientId?: string;
  /** TLS; true: with the authorities that Node.js trusts; else PEM texts. Default: false. */
  readonly ssl?:
    | boolean
    | {
        readonly ca?: string;
        /** Of this client, where the brokers want one. */
        readonly cert?: string;
        readonly key?: string;
        /** What opens the key, if that is encrypted. */
        readonly passphrase?: string;
      };
  /** Who this client is; default: nobody. */
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
}

/** What is read of a source, and who is told what is wrong with it. */
export interface LabelEventsChoice {
  /** Only these streams, by streamId; default: all. */
  readonly streams?: readonly string[];
  /** Only events of these labels, so no `completed` either; default: all. */
  readonly labels?: readonly string[];
  /** Told of loss and repeats before the event at which they show; of the chosen streams, whatever their labels. */
  readonly onFinding?: (finding: SequenceFinding) => void;
  /** Told that reading failed and is tried again, or that what is no event, or of an unknown type, is passed over. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Where label events are read. `kafka`: the labels topic from `from` on (default: now; beginning with `untilEnd`), without an
 * end unless `untilEnd`: then to the end that it has now. `journal`: that file, also one in use, from its beginning to the end
 * that it has now; a copy of it lies in the temporary folder (TMPDIR), which needs the room, until the reading ends.
 */
export type LabelEventsOptions = LabelEventsChoice &
  (
    | {
        readonly kafka: KafkaSource;
        readonly journal?: never;
        readonly from?: 'beginning' | 'now';
        readonly untilEnd?: boolean;
      }
    | { readonly journal: string; readonly kafka?: never; readonly from?: never; readonly untilEnd?: never }
  );

/**
 * Yields each numbered event once, in the order of its stream; repeats are left out. Reading waits while an event is dealt
 * with. Ends with its source, with the signal, and when the loop is left or `return` is called, also while it waits for an
 * event; all connections are closed by then. Throws ConfigError when the options or the journal cannot be used, PublishError
 * when nothing can be read, and what `onFinding` or `onTrouble` throws, as it is; brokers that cannot be reached are tried
 * again, with `untilEnd` for 30 s.
 *
 * ```ts
 * for await (const { data } of readLabelEvents({ kafka: { brokers: ['localhost:9092'] }, labels: ['dog'] }))
 *   if ('label' in data) await store(data.streamId, data.label, data.phase, data.startMs);
 * ```
 */
export function readLabelEvents(
  options: LabelEventsOptions,
  signal?: AbortSignal,
): AsyncGenerator<NumberedCloudEvent, void, void> {
  const left = new AbortController();
  const events = yieldEvents(options, left, signal);
  // a generator keeps these waiting until a `next` that is under way has an event
  const end = events.return.bind(events);
  const fail = events.throw.bind(events);
  events.return = (value) => {
    left.abort();
    return end(value);
  };
  events.throw = (error) => {
    left.abort();
    return fail(error);
  };
  return events;
}

async function* yieldEvents(
  options: LabelEventsOptions,
  left: AbortController,
  signal?: AbortSignal,
): AsyncGenerator<NumberedCloudEvent, void, void> {
  const events = new Rendezvous<NumberedCloudEvent>();
  const end = AbortSignal.any(signal === undefined ? [left.signal] : [left.signal, signal]);
  end.addEventListener('abort', () => events.end(), { once: true });
  const reading = read(options, toListener(options, events), end).finally(() => events.end());
  // awaited below, where the loop ends
  reading.catch(() => {});
  try {
    for (let event = await events.next(); event !== undefined && !end.aborted; event = await events.next())
      yield event;
    await reading;
  } finally {
    left.abort();
    await reading.catch(() => {});
  }
}

async function read(
  options: LabelEventsOptions,
  listener: LabelListener,
  signal: AbortSignal,
): Promise<void> {
  if ((options.kafka === undefined) === (options.journal === undefined))
    throw new ConfigError('label events are read from Kafka or from a journal', [], {
      remedy: 'give either kafka or journal',
    });
  if (options.journal !== undefined && (options.from !== undefined || options.untilEnd !== undefined))
    throw new ConfigError('a journal is always read from its beginning to the end that it has now', [], {
      remedy: 'leave out from and untilEnd',
    });
  if (signal.aborted) return;
  if (options.journal !== undefined) return readJournal(options.journal, listener, signal);
  await readTopic(readKafkaSettings(options.kafka), { ...options, listener }, signal);
}

function toListener(
  { streams, labels, onFinding, onTrouble }: LabelEventsChoice,
  events: Rendezvous<NumberedCloudEvent>,
): LabelListener {
  const filter = new EventFilter(streams, labels);
  return {
    event: async (event) => {
      if (filter.takes(event)) await events.give(event);
    },
    finding: (finding) => {
      if (streams?.includes(finding.streamId) !== false) onFinding?.(finding);
    },
    trouble: (error) => onTrouble?.(error),
  };
}
