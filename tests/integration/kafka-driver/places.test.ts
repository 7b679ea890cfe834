import '../publish/disposal.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import type { KafkaClient, KafkaRecord, ReadFrom, StoredRecord } from '../../../src/kafka-client.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { cutTopic, makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { until } from '../../until.js';
import { drivers } from './drivers.js';

const never = new AbortController().signal;
/** So that segments are closed and cleaned while a test looks on. */
const CLEANER = {
  'log.cleaner.backoff.ms': '100',
  'log.cleaner.min.cleanable.ratio': '0.01',
  'log.roll.ms': '200',
  'log.retention.ms': '-1',
};
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka({ properties: CLEANER });
});
afterAll(() => kafka?.stop());

function record(n: number, more: Partial<KafkaRecord> = {}): KafkaRecord {
  return { key: 'k', value: `${n}`, headers: { n: `${n}` }, timestampMs: Date.now(), ...more };
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  let client: KafkaClient;

  beforeAll(() => {
    client = createClient({ ...toKafkaConfig(kafka.bootstrap), partitions: 2 });
  });
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
  });

  async function write(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<void> {
    await using producer = client.createProducer();
    expect(await producer.send(topic, partition, records)).toBeNull();
  }

  /** A topic of two partitions, with values 0, 1, 2 … in the first. */
  async function fill(topic: string, count: number): Promise<string> {
    const full = `${name}.${topic}`;
    await client.ensureTopics([{ name: full, cleanup: 'delete' }]);
    await write(
      full,
      0,
      Array.from({ length: count }, (_, n) => record(n)),
    );
    return full;
  }

  /** What a member of a group is told, in order, until it returns false or all is read. */
  async function readAs(topic: string, from: ReadFrom, stopAt = ''): Promise<string[]> {
    const told: string[] = [];
    await client.createReader(topic, from, { group: `${topic}-group` }).read(
      ({ value }) => {
        told.push(`${value}`);
        return value !== stopAt;
      },
      {
        untilEnd: true,
        onEarlier: ({ value }) => void told.push(`earlier ${value}`),
        onGone: (partition, count) => void told.push(`gone ${partition}: ${count}`),
      },
      never,
    );
    return told;
  }

  test('records come whole, each with its place', async () => {
    const topic = await fill('whole', 3);
    await write(topic, 1, [record(7, { key: 'schlüssel', value: null, headers: { ünï: '✓', empty: '' } })]);
    const read: StoredRecord[] = [];
    await client
      .createReader(topic, 'beginning')
      .read((one) => void read.push(one), { untilEnd: true }, never);
    read.sort((a, b) => a.partition - b.partition);
    expect(read).toEqual(await readWithKcat(kafka.bootstrap, topic));
    expect(read.at(-1)).toMatchObject({ partition: 1, offset: 0, value: null });
  });

  test('a reader that begins at a time gets the first record of that time or later, and what follows', async () => {
    const topic = await fill('times', 1);
    const [before, at] = [1_767_600_000_000, 1_767_600_005_000];
    await write(
      topic,
      1,
      [before, at, at + 1].map((timestampMs, n) => record(n, { timestampMs })),
    );
    await write(topic, 1, [record(3, { timestampMs: at + 2 })]);
    const values: string[] = [];
    const onRecord = ({ partition, value }: StoredRecord): void => void values.push(`${partition}: ${value}`);
    await client.createReader(topic, new Date(at)).read(onRecord, { untilEnd: true }, never);
    expect(values.sort()).toEqual(['0: 0', '1: 1', '1: 2', '1: 3']);
    const later = client.createReader(topic, new Date(Date.now() + 3_600_000));
    await later.read(() => expect(null).toBe('a record'), { untilEnd: true }, never);
  });

  test('the end is found over the holes that compaction leaves', async () => {
    const topic = `${name}.compacted`;
    await makeTopic(kafka.bootstrap, topic, { name: 'cleanup.policy', value: 'compact' });
    let written = 0;
    await until('a hole in the topic', async () => {
      await write(topic, 0, [record(++written, { key: 'same' })]);
      return (await readWithKcat(kafka.bootstrap, topic)).length < written;
    });
    const read: StoredRecord[] = [];
    await client
      .createReader(topic, 'beginning')
      .read((one) => void read.push(one), { untilEnd: true }, never);
    expect(read.at(-1)).toMatchObject({ value: `${written}`, offset: written - 1 });
    expect(read.length).toBeLessThanOrEqual(written);
  });

  test('a read ends with its signal once the record under way is dealt with, and goes on after it', async () => {
    const topic = await fill('signal', 5);
    const reader = client.createReader(topic, 'beginning');
    const stop = new AbortController();
    const values: string[] = [];
    const slowly = async ({ value }: StoredRecord): Promise<void> => {
      if (value === '1') stop.abort();
      await new Promise((resolve) => setImmediate(resolve));
      values.push(`${value}`);
    };
    await reader.read(slowly, { untilEnd: false }, stop.signal);
    expect(values).toEqual(['0', '1']);
    await reader.read(slowly, { untilEnd: false }, AbortSignal.abort());
    await reader.read(slowly, { untilEnd: true }, never);
    expect(values).toEqual(['0', '1', '2', '3', '4']);
  });

  test('a read ends with the record that says so, which comes again', async () => {
    const topic = await fill('left', 4);
    const reader = client.createReader(topic, 'beginning');
    const values: string[] = [];
    const onRecord = ({ value }: StoredRecord): boolean => values.push(`${value}`) !== 2;
    await reader.read(onRecord, { untilEnd: false }, never);
    await reader.read(onRecord, { untilEnd: true }, never);
    expect(values).toEqual(['0', '1', '1', '2', '3']);
  });

  test('what a record is dealt with by may fail, and the failure comes out as it is', async () => {
    const topic = await fill('failing', 2);
    const failure = Object.assign(new Error('full'), { name: 'PublishError' });
    const read = client.createReader(topic, 'beginning').read(
      () => {
        throw failure;
      },
      { untilEnd: true },
      never,
    );
    await expect(read).rejects.toMatchObject({
      name: 'PublishError',
      message: expect.stringMatching(/full/),
    });
  });

  test('a group goes on after the last record that was dealt with, and is told what was there before', async () => {
    const topic = await fill('group', 4);
    expect(await readAs(topic, 'beginning', '2')).toEqual(['0', '1', '2']);
    expect(await readAs(topic, 'beginning')).toEqual(['earlier 0', 'earlier 1', '2', '3']);
    expect(await readAs(topic, 'beginning')).toEqual([]);
  });

  test('a group that begins now gets what comes later, also when its first member read nothing', async () => {
    const topic = await fill('late', 2);
    expect(await readAs(topic, 'now')).toEqual([]);
    await write(topic, 1, [record(5)]);
    expect(await readAs(topic, 'now')).toContain('5');
  });

  test('a group is told how many records were removed before it came to them', async () => {
    const topic = await fill('gone', 6);
    expect(await readAs(topic, 'beginning', '1')).toEqual(['0', '1']);
    await cutTopic(kafka.bootstrap, topic, 4);
    expect(await readAs(topic, 'beginning')).toEqual(['gone 0: 3', '4', '5']);
  });

  test('members of a group share the partitions, and one takes over from one that leaves', async () => {
    const topic = await fill('shared', 1);
    const seen = [new Set<string>(), new Set<string>()] as const;
    const stops = [new AbortController(), new AbortController()] as const;
    const begun = [0, 0];
    const join = (n: 0 | 1): Promise<void> =>
      client
        .createReader(topic, 'beginning', { group: `${topic}-group` })
        .read(
          ({ value }) => void seen[n].add(`${value}`),
          { untilEnd: false, onBegin: () => void begun[n]!++ },
          stops[n].signal,
        );
    const first = join(0);
    await until('the first member reads', () => seen[0].has('0'));
    const second = join(1);
    let n = 0;
    const writeBoth = async (): Promise<void> => {
      for (const partition of [0, 1]) await write(topic, partition, [record(++n)]);
    };
    await until('both members read', async () => {
      await writeBoth();
      return seen[1].size > 0;
    });
    stops[0].abort();
    await first;
    await writeBoth();
    await until('the second member reads both', () => seen[1].has(`${n}`) && seen[1].has(`${n - 1}`));
    stops[1].abort();
    await second;
    const all = Array.from({ length: n + 1 }, (_, value) => `${value}`);
    expect(new Set([...seen[0], ...seen[1]])).toEqual(new Set(all));
    expect(begun[0]).toBeGreaterThanOrEqual(2);
    expect(await readAs(topic, 'beginning')).toEqual([]);
  });
});
