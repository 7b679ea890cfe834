import '../publish/disposal.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toTopics } from '../../../src/events.js';
import { toKafkaConfig } from '../../../src/config/config.js';
import { createKafkaClient, type KafkaClient } from '../../../src/kafka-client.js';
import { type LabelEventsOptions, readLabelEvents } from '../../../src/label-events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import type { LabelEvent } from '../../../src/types.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { cutTopic } from '../../services/kafka-admin.js';
import { until } from '../../until.js';
import { ended, eventContext, started } from '../../unit/publish/samples.js';

const PARTITIONS = 2;
let kafka: KafkaCluster;
let client: KafkaClient;

beforeAll(async () => {
  kafka = await startKafka();
  client = createKafkaClient({ ...toKafkaConfig(kafka.bootstrap), partitions: PARTITIONS });
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await kafka?.stop();
});

/** `count` events of a file. */
function eventsOf(name: string, count: number): LabelEvent[] {
  const steps = Array.from({ length: count / 2 }, (_, n) => n * 5000);
  const transitions = steps.flatMap((startMs) => [started(0, startMs), ended(0, startMs, startMs + 2000)]);
  return new EventWriter(eventContext(name)).write(transitions, 0).events;
}

/** A topic of its own for each test, below this prefix. */
async function makeTopic(
  topicPrefix: string,
): Promise<(events: readonly LabelEvent[], partition?: number) => Promise<void>> {
  const topics = toTopics(topicPrefix);
  await client.ensureTopics([{ name: topics.labels, cleanup: 'delete' }]);
  return async (events, partition = 0) => {
    await using producer = client.createProducer();
    const records = events.map((event) => {
      const row = { position: 1, event, json: '', committedMs: Date.now() };
      return toTopicRecords(row, topics)[0]!.record;
    });
    await producer.send(topics.labels, partition, records);
  };
}

function groupOf(topicPrefix: string, more: Partial<LabelEventsOptions> = {}): LabelEventsOptions {
  const kafkaSource = { brokers: kafka.bootstrap, topicPrefix };
  return {
    from: 'beginning',
    untilEnd: true,
    ...more,
    kafka: kafkaSource,
    group: 'mine',
  } as LabelEventsOptions;
}

/** Numbers of the events that are read, and what is told, up to where the loop is left. */
async function read(
  options: LabelEventsOptions,
  leaveAt = Number.POSITIVE_INFINITY,
): Promise<(number | string)[]> {
  const told: (number | string)[] = [];
  const onFinding: LabelEventsOptions['onFinding'] = ({ kind, from, to }) =>
    void told.push(`${kind} ${from}-${to}`);
  const onTrouble = ({ message }: Error): void => void told.push(message);
  for await (const { data } of readLabelEvents({ ...options, onFinding, onTrouble })) {
    told.push(data.sequence);
    if (data.sequence === leaveAt) break;
  }
  return told;
}

test('a group goes on after the last event that was dealt with: one at which the loop was left comes again', async () => {
  const write = await makeTopic('again');
  await write(eventsOf('cat', 6));
  expect(await read(groupOf('again'), 3)).toEqual([1, 2, 3]);
  expect(await read(groupOf('again'))).toEqual([3, 4, 5, 6]);
  expect(await read(groupOf('again'))).toEqual([]);
});

test('what is written while nobody of the group reads is read by the next one, though the first read nothing', async () => {
  const write = await makeTopic('away');
  const [old, ...fresh] = eventsOf('cat', 4);
  await write([old!]);
  expect(await read(groupOf('away', { from: 'now' }))).toEqual([]);
  await write(fresh);
  expect(await read(groupOf('away', { from: 'now' }))).toEqual([2, 3, 4]);
});

test('repeats and loss show across a restart', async () => {
  const write = await makeTopic('holes');
  const [one, two, three, , five, six] = eventsOf('cat', 6) as LabelEvent[];
  await write([one!, two!, three!]);
  expect(await read(groupOf('holes'))).toEqual([1, 2, 3]);
  await write([two!, three!, five!, six!]);
  expect(await read(groupOf('holes'))).toEqual(['repeat 2-2', 'repeat 3-3', 'missing 4-4', 5, 6]);
});

test('records that were removed before the group came to them are told', async () => {
  const write = await makeTopic('gone');
  await write(eventsOf('cat', 6));
  expect(await read(groupOf('gone'), 2)).toEqual([1, 2]);
  await cutTopic(kafka.bootstrap, toTopics('gone').labels, 4);
  expect(await read(groupOf('gone'))).toEqual([
    '3 records are gone from partition 0: the topic keeps none for as long as the group was away',
    5,
    6,
  ]);
});

test('an event that is dealt with when the signal comes is not given again', async () => {
  const write = await makeTopic('stopped');
  await write(eventsOf('cat', 4));
  const stop = new AbortController();
  const numbers: number[] = [];
  for await (const { data } of readLabelEvents(groupOf('stopped', { untilEnd: false }), stop.signal)) {
    numbers.push(data.sequence);
    if (data.sequence !== 2) continue;
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 100)); // still at it
  }
  expect([numbers, await read(groupOf('stopped'))]).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('members share the partitions, and take over from one that leaves; nothing is left out or told as missing', async () => {
  const write = await makeTopic('shared');
  const [left, right] = [eventsOf('left', 40), eventsOf('right', 40)];
  const seen: string[] = [];
  const told: string[] = [];
  const stops = [new AbortController(), new AbortController()] as const;
  const reads = [new Set<string>(), new Set<string>()] as const;
  const member = async (n: 0 | 1): Promise<void> => {
    const onFinding: LabelEventsOptions['onFinding'] = ({ kind }) => void told.push(kind);
    for await (const { id } of readLabelEvents(
      { ...groupOf('shared', { untilEnd: false }), onFinding },
      stops[n].signal,
    )) {
      seen.push(id);
      reads[n].add(id);
    }
  };
  const first = member(0);
  const part = async (from: number, to: number, isRead: () => boolean): Promise<void> => {
    for (let n = from; n < to; n++) {
      await write([left[n]!], 0);
      await write([right[n]!], 1);
    }
    await until(`events ${from} to ${to}`, isRead);
  };
  await part(0, 10, () => new Set(seen).size === 20);
  const second = member(1);
  // until both have joined, one of them reads everything
  for (let n = 10; n < 20; n++) await part(n, n + 1, () => new Set(seen).size === 2 * (n + 1));
  stops[0].abort();
  await first;
  await part(20, 40, () => new Set(seen).size === 80);
  stops[1].abort();
  await second;
  expect(new Set(seen)).toEqual(new Set([...left, ...right].map(({ id }) => id)));
  expect(reads[1].size).toBeGreaterThanOrEqual(40);
  expect(told.filter((kind) => kind !== 'repeat')).toEqual([]);
  expect(await read(groupOf('shared'))).toEqual([]);
});

const PROGRAM = `
const { readLabelEvents } = await import(process.argv[1]);
const kafka = { brokers: process.argv[2].split(','), topicPrefix: 'killed' };
let left = Number(process.argv[3]);
for await (const { id } of readLabelEvents({ kafka, group: 'mine', from: 'beginning' })) {
  console.log(id);
  if (--left === 0) await new Promise(() => {}); // until it is killed
}
`;

test('a program that is killed again and again gets every event, in order but for what comes again', async () => {
  const write = await makeTopic('killed');
  const events = eventsOf('cat', 300);
  await write(events);
  const url = pathToFileURL('dist/src/label-events.js').href;
  const ids: string[] = [];
  let runs = 0;
  while (!ids.includes(events.at(-1)!.id)) {
    const limit = 150;
    const args = ['--input-type=module', '--eval', PROGRAM, url, kafka.bootstrap.join(','), `${limit}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    runs++;
    let count = 0;
    for await (const id of createInterface({ input: child.stdout })) {
      ids.push(id);
      if (++count >= limit || id === events.at(-1)!.id) break;
    }
    child.kill('SIGKILL');
    await exit;
  }
  expect([...new Set(ids)]).toEqual(events.map(({ id }) => id));
  expect(runs).toBeGreaterThan(1);
}, 300_000);

test('a group of a journal, or without a name, is refused', async () => {
  const none = { ...groupOf('none'), group: '' } as LabelEventsOptions;
  for (const options of [{ journal: 'a.db', group: 'mine' } as unknown as LabelEventsOptions, none])
    await expect(read(options)).rejects.toThrow('a group has a name, and is one of Kafka');
});
