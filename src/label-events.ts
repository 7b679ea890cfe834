/**
 * `labelcast/consume`: the label events of a Kafka topic or of a journal, typed, with what their numbers tell of loss and
 * repeats.
 */
import { readKafkaSettings } from './config/read-config.js';
import { EventFilter } from './consume/event-filter.js';
import { type LabelSegment, LabelSegments } from './consume/label-segments.js';
import type { LabelListener } from './consume/label-sequence.js';
import { chooseCurrent } from './consume/open-segments.js';
import { pull } from './consume/pull.js';
import type { SequenceFinding } from './consume/sequence-check.js';
import { ConfigError } from './errors.js';
import type { NumberedCloudEvent, StateRecord } from './events.js';
import { readJournal, readJournalState, readStateTopic, readTopic } from './label-sources.js';

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
  StateRecord,
  StreamKind,
  Thresholds,
  TransitionPhase,
  TransitionReason,
} from './events.js';
export type { LabelSegment, SequenceFinding };

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
  /** Only label events whose highest raw score so far is at least this, 0 to 1; default: all. */
  readonly minScore?: number;
  /** Told of loss and repeats before the event at which they show; of the chosen streams, whatever their labels. */
  readonly onFinding?: (finding: SequenceFinding) => void;
  /** Told that reading failed and is tried again, or that what is no event, or of an unknown type, is passed over. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Where label events are read. `kafka`: the labels topic from `from` on (default: now; beginning with `untilEnd`), without an
 * end unless `untilEnd`: then to the end that it has now. `journal`: that file, also one in use, from its beginning to the end
 * that it has now, or with `untilEnd: false` on and on; a copy of it lies in the temporary folder (TMPDIR), which needs the room, until the reading ends. A `from`
 * that is a time begins with the first event that was committed then or later.
 */
export type LabelEventsOptions = LabelEventsChoice &
  (
    | {
        readonly kafka: KafkaSource;
        readonly journal?: never;
        readonly from?: 'beginning' | 'now' | Date;
        readonly untilEnd?: boolean;
        /**
         * Go on where this consumer group stands at the brokers; `from`: where it begins if it stands nowhere. Programs of the
         * same group share the streams. The place is stored when the program asks for the next event, so that after a crash
         * the last events may come again, and none is left out. An event at which the loop was left comes again too.
         */
        readonly group?: string;
      }
    | {
        readonly journal: string;
        readonly kafka?: never;
        readonly from?: Date;
        readonly untilEnd?: boolean;
        readonly group?: never;
      }
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
  const filter = new EventFilter(options);
  return pull<NumberedCloudEvent>((give, end) => {
    const event = (one: NumberedCloudEvent) => !filter.takes(one.data) || give(one);
    return read(options, { event, ...toTold(options) }, end);
  }, signal);
}

/**
 * Yields the segments that label events tell of, each again whenever more is known of it: when it begins, goes on and ends.
 * What came last of a `segmentId` holds. An event of a newer epoch closes the open segments of the older ones. Reads, waits,
 * ends and throws as `readLabelEvents` does.
 */
export function readSegments(
  options: LabelEventsOptions,
  signal?: AbortSignal,
): AsyncGenerator<LabelSegment, void, void> {
  const filter = new EventFilter(options);
  const segments = new LabelSegments();
  return pull<LabelSegment>((give, end) => {
    const event = async (one: NumberedCloudEvent): Promise<boolean> => {
      for (const segment of segments.take(one))
        if (filter.takes(segment) && !(await give(segment))) return false;
      return true;
    };
    return read(options, { event, ...toTold(options) }, end);
  }, signal);
}

/** Where the current state is read: the state topic of a Kafka cluster, or a journal file, also one in use. */
export type OpenSegmentsOptions = LabelEventsChoice & {
  /** When they must not have expired; default: now. */
  readonly at?: Date;
} & (
    | { readonly kafka: KafkaSource; readonly journal?: never }
    | { readonly journal: string; readonly kafka?: never }
  );

/**
 * What holds on the live streams now: their open segments that have not expired, by stream and label. A view of its
 * moment; `readSegments` tells what happens. Throws as `readLabelEvents` does.
 */
export async function readOpenSegments(
  options: OpenSegmentsOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<StateRecord[]> {
  checkSource(options);
  const { kafka, journal, at = new Date() } = options;
  const told = toTold(options);
  const segments =
    journal === undefined
      ? await readStateTopic(readKafkaSettings(kafka), told.trouble, signal)
      : await readJournalState(journal, told, signal);
  const filter = new EventFilter(options);
  return chooseCurrent(segments, at.getTime()).current.filter((segment) => filter.takes(segment));
}

async function read(
  options: LabelEventsOptions,
  listener: LabelListener,
  signal: AbortSignal,
): Promise<void> {
  checkSource(options);
  const { from, untilEnd } = options;
  if (from instanceof Date && Number.isNaN(from.getTime()))
    throw new ConfigError('from is no time', [], { remedy: 'give a Date that is one' });
  if (options.journal !== undefined && typeof from === 'string')
    throw new ConfigError('a journal is always read from its beginning, or from a time', [], {
      remedy: 'leave out from, or give a Date',
    });
  if (options.group !== undefined && (options.journal !== undefined || options.group === ''))
    throw new ConfigError('a group has a name, and is one of Kafka', [], {
      remedy: 'name it, or leave out group',
    });
  if (signal.aborted) return;
  if (options.kafka !== undefined)
    return readTopic(readKafkaSettings(options.kafka), { ...options, listener }, signal);
  await readJournal(
    options.journal,
    { from: options.from, isFollowed: untilEnd === false, listener },
    signal,
  );
}

function checkSource({ kafka, journal }: { readonly kafka?: unknown; readonly journal?: unknown }): void {
  if ((kafka === undefined) !== (journal === undefined)) return;
  throw new ConfigError('label events are read from Kafka or from a journal', [], {
    remedy: 'give either kafka or journal',
  });
}

function toTold({ streams, onFinding, onTrouble }: LabelEventsChoice): Omit<LabelListener, 'event'> {
  return {
    finding: (finding) => {
      if (streams?.includes(finding.streamId) !== false) onFinding?.(finding);
    },
    trouble: (error) => onTrouble?.(error),
  };
}
