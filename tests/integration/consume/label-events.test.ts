import '../publish/disposal.js';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError, PublishError } from '../../../src/errors.js';
import { toTopics } from '../../../src/events.js';
import { toKafkaConfig } from '../../../src/config/config.js';
import { createKafkaClient, type KafkaClient } from '../../../src/kafka-client.js';
import {
  type LabelEventsOptions,
  type LabelSegment,
  readLabelEvents,
  readSegments,
} from '../../../src/label-events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { openJournal } from '../../../src/publish/journal.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import type { NumberedCloudEvent } from '../../../src/types.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { ended, eventContext, fileIdentity, started } from '../../unit/publish/samples.js';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-label-events-'));
const journal = join(folder, 'journal.db');
const topics = toTopics();
const writer = new EventWriter(eventContext('cat'));
const events: NumberedCloudEvent[] = [
  ...writer.write([started(0, 0), started(1, 400), ended(0, 0, 2000), ended(1, 400, 3000)], 0).events,
  writer.complete(4000, 0),
];
let kafka: KafkaCluster;
let client: KafkaClient;

beforeAll(async () => {
  kafka = await startKafka();
  client = createKafkaClient(toKafkaConfig(kafka.bootstrap));
  await client.ensureTopics([{ name: topics.labels, cleanup: 'delete' }]);
  await using file = await openJournal({ path: journal });
  const { epoch } = await openEpoch(file);
  await file.commit({ epoch, events, segments: [], scores: [], checkpoint: null });
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function openEpoch(file: Awaited<ReturnType<typeof openJournal>>): Promise<{ epoch: string }> {
  const { identity } = await file.openEpoch(fileIdentity('cat'));
  return identity;
}

async function write(
  written: readonly NumberedCloudEvent[],
  { labels } = topics,
  committedMs = 0,
): Promise<void> {
  await using producer = client.createProducer();
  for (const event of written) {
    const row = { position: 1, event, json: JSON.stringify(event), committedMs };
    const [first] = toTopicRecords(row, topics);
    await producer.send(labels, 0, [first!.record]);
  }
}

async function readAll(options: LabelEventsOptions, signal?: AbortSignal): Promise<NumberedCloudEvent[]> {
  const read: NumberedCloudEvent[] = [];
  for await (const event of readLabelEvents(options, signal)) read.push(event);
  return read;
}

test('a journal is read to its end, whole or by stream and label', async () => {
  expect(await readAll({ journal })).toEqual(events);
  expect(await readAll({ journal, labels: ['dog'] })).toEqual([events[1], events[3]]);
  expect(await readAll({ journal, streams: ['other'] })).toEqual([]);
});

test('a journal is read from a time on, and though less is given all of it has to be there', async () => {
  const path = join(folder, 'times.db');
  let now = 1000;
  const file = await openJournal({ path, now: () => now });
  const { epoch } = await openEpoch(file);
  await file.commit({ epoch, events: events.slice(0, 2), segments: [], scores: [], checkpoint: null });
  now = 2000;
  await file.commit({ epoch, events: events.slice(2), segments: [], scores: [], checkpoint: null });
  await file[Symbol.asyncDispose]();
  expect(await readAll({ journal: path, from: new Date(1500) })).toEqual(events.slice(2));
  expect(await readAll({ journal: path, from: new Date(2500) })).toEqual([]);
});

test('a journal in use is followed until the loop is left', async () => {
  await using file = await openJournal({ path: join(folder, 'followed.db') });
  const { epoch } = await openEpoch(file);
  await file.commit({ epoch, events: events.slice(0, 1), segments: [], scores: [], checkpoint: null });
  const read: number[] = [];
  for await (const { data } of readLabelEvents({ journal: join(folder, 'followed.db'), untilEnd: false })) {
    read.push(data.sequence);
    const next = events[data.sequence];
    if (next === undefined) break;
    await file.commit({ epoch, events: [next], segments: [], scores: [], checkpoint: null });
  }
  expect(read).toEqual([1, 2, 3, 4, 5]);
});

test('segments are put together from events, the last word on each last', async () => {
  const found = [];
  for await (const one of readSegments({ journal, minScore: 0.5 })) found.push(one);
  const toText = ({ label, startMs, endMs, endReason }: LabelSegment) =>
    `${label} ${startMs} ${endMs} ${endReason}`;
  expect(found.map(toText)).toEqual([
    'person 0 null null',
    'dog 400 null null',
    'person 0 2000 threshold',
    'dog 400 3000 threshold',
  ]);
});

test('reading a journal loads no Kafka client', () => {
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { createRequire } from 'node:module';
    import { readLabelEvents } from '${pathToFileURL('dist/src/label-events.js').href}';
    let read = 0;
    for await (const _ of readLabelEvents({ journal: process.argv[2] })) read++;
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(read, files.filter((file) => file.includes('kafkajs')).length);`,
  );
  const said = execFileSync(process.execPath, [program, journal], { encoding: 'utf8' });
  expect(said).toBe(`${events.length} 0\n`);
});

test('the loop may be left early, and a signal ends it', async () => {
  const stop = new AbortController();
  const read: NumberedCloudEvent[] = [];
  for await (const event of readLabelEvents({ journal }, stop.signal)) {
    read.push(event);
    if (read.length === 2) break;
  }
  for await (const event of readLabelEvents({ journal }, stop.signal)) {
    read.push(event);
    stop.abort();
  }
  expect(read).toEqual([events[0], events[1], events[0]]);
  expect(await readAll({ journal }, stop.signal)).toEqual([]);
});

test('a topic is read to its end: repeats are left out, what is missing is told before it shows', async () => {
  await write([events[0]!, events[1]!, events[1]!, events[4]!]);
  const told: string[] = [];
  const source = { brokers: kafka.bootstrap };
  for await (const { data } of readLabelEvents({
    kafka: source,
    untilEnd: true,
    onFinding: ({ kind, from, to }) => told.push(`${kind} ${from}-${to}`),
  }))
    told.push(`event ${data.sequence}`);
  expect(told).toEqual(['event 1', 'event 2', 'repeat 2-2', 'missing 3-4', 'event 5']);
});

test('what a callback throws ends the reading and comes out as it is', async () => {
  const holed = toTopics('holed');
  await client.ensureTopics([{ name: holed.labels, cleanup: 'delete' }]);
  await write([events[0]!, events[2]!, events[3]!], holed);
  const mine = new PublishError('the store is full', { retryable: true });
  const read: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const { data } of readLabelEvents({
      kafka: { brokers: kafka.bootstrap, topicPrefix: 'holed' },
      untilEnd: true,
      onFinding: ({ kind }) => {
        if (kind === 'missing') throw mine;
      },
    }))
      read.push(data.sequence);
  };
  await expect(reading()).rejects.toBe(mine);
  expect(read).toEqual([1]);
});

test('a topic is followed until the loop is left', async () => {
  let isWritten = false;
  const options = { kafka: { brokers: kafka.bootstrap }, from: 'beginning' } as const;
  const read: number[] = [];
  for await (const { data } of readLabelEvents(options)) {
    read.push(data.sequence);
    if (data.sequence === 3) break;
    if (data.sequence !== 5 || isWritten) continue;
    isWritten = true;
    await write([events[2]!]);
  }
  expect(read).toEqual([1, 2, 5, 3]);
});

test('a topic is read from a time on', async () => {
  const timed = toTopics('timed');
  await client.ensureTopics([{ name: timed.labels, cleanup: 'delete' }]);
  const nowMs = Date.now();
  await write(events.slice(0, 2), timed, nowMs - 60_000);
  await write(events.slice(2), timed, nowMs);
  const options = { kafka: { brokers: kafka.bootstrap, topicPrefix: 'timed' }, untilEnd: true };
  expect(await readAll({ ...options, from: new Date(nowMs - 1000) })).toEqual(events.slice(2));
  expect(await readAll({ ...options, from: new Date(nowMs - 90_000) })).toEqual(events);
  expect(await readAll({ ...options, from: new Date(nowMs + 90_000) })).toEqual([]);
});

test('return ends the reading also while the next event is waited for', async () => {
  const events = readLabelEvents({ kafka: { brokers: kafka.bootstrap } });
  const next = events.next();
  expect(await events.return()).toEqual({ done: true, value: undefined });
  expect(await next).toEqual({ done: true, value: undefined });
});

test('a stream of events that fails elsewhere is closed while it waits', async () => {
  const events = Readable.from(readLabelEvents({ kafka: { brokers: kafka.bootstrap } }));
  const failed = once(events, 'close');
  events.read();
  events.destroy(new Error('elsewhere'));
  await expect(failed).rejects.toThrow('elsewhere');
});

test('what cannot be read is an error with a remedy', async () => {
  const none = { journal: join(folder, 'none.db') };
  await expect(readAll(none)).rejects.toThrow(ConfigError);
  await expect(readAll({} as LabelEventsOptions)).rejects.toThrow('from Kafka or from a journal');
  await expect(readAll({ journal, from: 'now' } as unknown as LabelEventsOptions)).rejects.toMatchObject({
    message: 'a journal is always read from its beginning, or from a time',
    remedy: 'leave out from, or give a Date',
  });
  await expect(readAll({ journal, from: new Date('soon') })).rejects.toMatchObject({
    message: 'from is no time',
  });
  const noPort: LabelEventsOptions = { kafka: { brokers: ['localhost'] } };
  await expect(readAll(noPort)).rejects.toMatchObject({ issues: ['kafka.brokers.0: write HOST:PORT'] });
  const noTopic: LabelEventsOptions = {
    kafka: { brokers: kafka.bootstrap, topicPrefix: 'none' },
    untilEnd: true,
  };
  await expect(readAll(noTopic)).rejects.toThrow(PublishError);
});
