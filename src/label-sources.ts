import { resolve } from 'node:path';
import type { KafkaConfig } from './config/config.js';
import { readJournalLabels } from './consume/journal-labels.js';
import { readLabels } from './consume/label-reader.js';
import type { LabelListener } from './consume/label-sequence.js';
import { toTopics } from './events.js';
import { openSnapshot } from './publish/journal-snapshot.js';

/** When only what is there is wanted, brokers that do not answer for so long are given up. */
const GIVE_UP_MS = 30_000;

/** Where in a topic reading begins (default: now; beginning with `untilEnd`), and where it ends. */
export interface TopicRange {
  readonly from?: 'beginning' | 'now';
  /** End when everything that is there is read. */
  readonly untilEnd?: boolean;
}

/** Reads the labels topic until the signal aborts or, with `untilEnd`, to its end. Throws PublishError. */
export async function readTopic(
  kafka: KafkaConfig,
  { from, untilEnd = false, listener }: TopicRange & { readonly listener: LabelListener },
  signal: AbortSignal,
): Promise<void> {
  const { createKafkaClient } = await import('./kafka-client.js'); // who reads a journal needs no kafkajs
  await using client = createKafkaClient(kafka);
  const reader = client.createReader(
    toTopics(kafka.topicPrefix).labels,
    from ?? (untilEnd ? 'beginning' : 'now'),
  );
  const options = { untilEnd, giveUpAfterMs: untilEnd ? GIVE_UP_MS : Number.POSITIVE_INFINITY };
  await readLabels(reader, listener, options, signal);
}

/** Reads the numbered events of a journal file, also of one in use, to its end. Throws ConfigError and PublishError. */
export async function readJournal(path: string, listener: LabelListener, signal: AbortSignal): Promise<void> {
  await using snapshot = await openSnapshot(resolve(path));
  await readJournalLabels(snapshot.journal, listener, signal);
}
