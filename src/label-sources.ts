import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaConfig } from './config/config.js';
import { JournalLabels } from './consume/journal-labels.js';
import { readLabels } from './consume/label-reader.js';
import { LabelSegments } from './consume/label-segments.js';
import type { LabelListener } from './consume/label-sequence.js';
import { StateTopic, toOpenSegments } from './consume/open-segments.js';
import { readPatiently } from './consume/patient-reading.js';
import { PublishError } from './errors.js';
import { type StateRecord, toTopics } from './events.js';
import type { ReadFrom } from './kafka-client.js';
import { openSnapshot } from './publish/journal-snapshot.js';

/** When only what is there is wanted, brokers that do not answer for so long are given up. */
const GIVE_UP_MS = 30_000;
/** How often a journal that is followed is looked at, and how much longer than a copy of it took it is then left alone. */
const LOOK = { everyMs: 1000, restFactor: 10 };

/** Where reading begins (default: now; beginning with `untilEnd`), and where it ends. */
export interface TopicRange {
  readonly from?: ReadFrom;
  /** End when everything that is there is read. */
  readonly untilEnd?: boolean;
  /** Go on where this consumer group stands; `from`: where it begins if it stands nowhere. */
  readonly group?: string | undefined;
}

/** Reads the labels topic until the signal aborts or, with `untilEnd`, to its end. Throws PublishError. */
export async function readTopic(
  kafka: KafkaConfig,
  { from, untilEnd = false, group, listener }: TopicRange & { readonly listener: LabelListener },
  signal: AbortSignal,
): Promise<void> {
  const { createKafkaClient } = await import('./kafka-client.js'); // who reads a journal needs no kafkajs
  await using client = createKafkaClient(kafka);
  const place = from ?? (untilEnd ? 'beginning' : 'now');
  const reader = client.createReader(toTopics(kafka.topicPrefix).labels, place, { group });
  const patience = { untilEnd, giveUpAfterMs: untilEnd ? GIVE_UP_MS : Number.POSITIVE_INFINITY };
  await readLabels(reader, listener, patience, signal);
}

/**
 * Reads the numbered events of a journal file, also of one in use, that were committed at `from` or later, to its end, or
 * (`isFollowed`) until the signal aborts. Throws ConfigError and PublishError.
 */
export async function readJournal(
  path: string,
  options: {
    readonly from?: Date | undefined;
    readonly isFollowed?: boolean;
    readonly listener: LabelListener;
  },
  signal: AbortSignal,
): Promise<void> {
  const { from, isFollowed = false, listener } = options;
  const file = resolve(path);
  const labels = new JournalLabels(listener, from);
  do {
    const seen = await toState(file);
    const beginMs = performance.now();
    {
      await using snapshot = await openSnapshot(file);
      await labels.read(snapshot.journal, signal);
    }
    if (isFollowed)
      await waitForChange(file, { seen, restMs: (performance.now() - beginMs) * LOOK.restFactor }, signal);
  } while (isFollowed && !signal.aborted);
}

/** The open segments of live streams in the compacted state topic, expired ones too. Throws PublishError. */
export async function readStateTopic(
  kafka: KafkaConfig,
  onTrouble: (error: Error) => void,
  signal: AbortSignal,
): Promise<StateRecord[]> {
  const { createKafkaClient } = await import('./kafka-client.js');
  await using client = createKafkaClient(kafka);
  const topic = new StateTopic();
  const reader = client.createReader(toTopics(kafka.topicPrefix).state, 'beginning');
  const on = {
    record: (record: Parameters<StateTopic['take']>[0]) => {
      if (topic.take(record)) return;
      const remedy = 'see who else writes to this topic';
      onTrouble(new PublishError(`the record of ${record.key} in the state topic is no segment`, { remedy }));
    },
    trouble: onTrouble,
  };
  await readPatiently(reader, on, { untilEnd: true, giveUpAfterMs: GIVE_UP_MS }, signal);
  return topic.segments;
}

/** The same of a journal, by its events. */
export async function readJournalState(
  path: string,
  listener: Omit<LabelListener, 'event'>,
  signal: AbortSignal,
): Promise<StateRecord[]> {
  const segments = new LabelSegments();
  const event = (one: Parameters<LabelListener['event']>[0]) => void segments.take(one);
  await readJournal(path, { listener: { ...listener, event } }, signal);
  return toOpenSegments(segments.open);
}

async function waitForChange(
  file: string,
  { seen, restMs }: { readonly seen: string; readonly restMs: number },
  signal: AbortSignal,
): Promise<void> {
  const rest = (ms: number) => pause(ms, undefined, { signal }).catch(() => {});
  await rest(Math.max(LOOK.everyMs, restMs));
  while (!signal.aborted && (await toState(file)) === seen) await rest(LOOK.everyMs);
}

/** What changes whenever a journal is written. */
async function toState(file: string): Promise<string> {
  const states = await Promise.all([file, `${file}-wal`].map((name) => stat(name).catch(() => null)));
  return states.map((state) => `${state?.ino} ${state?.size} ${state?.mtimeMs}`).join('; ');
}
