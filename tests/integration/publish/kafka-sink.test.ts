import './disposal.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { toKafkaConfig, type KafkaConfig } from '../../../src/config/config.js';
import { toPartition } from '../../../src/kafka-client.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { addPartitions } from '../../services/kafka-admin.js';
import { readWithKcat, readWithPython } from '../../services/kafka-topic.js';
import { Committer } from './committer.js';

const never = new AbortController().signal;
let kafka: KafkaCluster;
let folder: string;
let journal: JournalHandle;
/** With which the stream of the test goes to another partition. */
const GROWN = 13;
let prefix = '';
let run = 0;

beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka?.stop());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-sink-'));
  journal = await openJournal({ path: join(folder, 'journal.db') });
  prefix = `run${++run}`;
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function config(): KafkaConfig {
  return { ...toKafkaConfig(kafka.bootstrap), topicPrefix: prefix };
}

/** Delivers what is new; resolves to what is warned of. */
async function delivered(more: Partial<KafkaConfig> = {}): Promise<string[]> {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  await using sink = createKafkaSink({
    name: 'kafka',
    config: { ...config(), ...more },
    live: null,
    onWarning,
  });
  await using relay = await openRelay({ journal, sink });
  await relay.flush(never);
  return warnings;
}

test('label events are in the topic as committed, in order per stream, for kcat and for Python alike', async () => {
  const streams = await Promise.all(['cat', 'dog', 'owl'].map((name) => Committer.open(journal, name)));
  for (let step = 0; step < 200; step++) await Promise.all(streams.map((stream) => stream.commit()));
  await delivered();
  const records = await readWithKcat(kafka.bootstrap, `${prefix}.labels`);
  const rows = await journal.read(0, 10_000);
  const expected = rows.map(({ event, committedMs }) => ({
    key: event.data.streamId,
    value: JSON.stringify(event.data),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: event.type,
      ce_source: event.source,
      ce_subject: event.subject,
      ce_time: event.time,
      ce_sequence: event.sequence,
      ce_partitionkey: event.partitionkey,
      ce_dataschema: event.dataschema,
      'content-type': 'application/json',
    },
    timestampMs: committedMs,
  }));
  const ofStream = <T extends { readonly key: string | null }>(list: readonly T[], key: string): T[] =>
    list.filter((one) => one.key === key);
  expect(records).toHaveLength(1200);
  for (const key of new Set(expected.map((one) => one.key))) {
    const got = ofStream(records, key);
    expect(new Set(got.map(({ partition }) => partition)).size).toBe(1);
    expect(got.map(({ partition: _partition, offset: _offset, ...rest }) => rest)).toEqual(
      ofStream(expected, key),
    );
  }
  expect(await readWithPython(kafka.bootstrap, `${prefix}.labels`)).toEqual(records);
});

test('a relay opened again goes on where it stood, with nothing sent twice', async () => {
  const stream = await Committer.open(journal, 'cat');
  await stream.commit();
  await delivered();
  await stream.commit();
  await delivered();
  await delivered();
  const records = await readWithKcat(kafka.bootstrap, `${prefix}.labels`);
  const rows = await journal.read(0, 10_000);
  expect(records.map(({ headers }) => headers['ce_id'])).toEqual(rows.map(({ event }) => event.id));
  expect(await journal.cursor('kafka')).toEqual({
    position: 4,
    cursor: `4 ${prefix}.labels=6 ${prefix}.state=6 ${prefix}.streams=6`,
  });
});

test('partitions that are added are told at the next start; until then a stream stays where it was', async () => {
  const stream = await Committer.open(journal, 'cat');
  await stream.commit();
  const topic = `${prefix}.labels`;
  const partitionsOf = async (): Promise<number[]> => {
    const records = await readWithKcat(kafka.bootstrap, topic);
    return records.toSorted((a, b) => a.timestampMs - b.timestampMs).map(({ partition }) => partition);
  };
  const whileOpen = async (): Promise<void> => {
    await using sink = createKafkaSink({ name: 'kafka', config: config(), live: null });
    await using relay = await openRelay({ journal, sink });
    await relay.flush(never);
    await addPartitions(kafka.bootstrap, topic, GROWN);
    await stream.commit();
    await relay.flush(never);
  };
  await whileOpen();
  const [key] = (await readWithKcat(kafka.bootstrap, topic)).map((record) => record.key!);
  const [before, after] = [toPartition(key!, 6), toPartition(key!, GROWN)];
  expect(await partitionsOf()).toEqual([before, before, before, before]);
  await stream.commit();
  expect(await delivered()).toEqual([
    `${topic} has ${GROWN} partitions and had 6 when it was last delivered to: streams go on in other partitions, and their order holds only from here on; let readers take what was there before first; never add partitions to a topic in use, but take another topicPrefix`,
  ]);
  expect(await partitionsOf()).toEqual([before, before, before, before, after, after]);
  expect(after).not.toBe(before);
  await stream.commit();
  expect(await delivered()).toEqual([]);
});

test('topics with other partitions than the configuration states are used, and told', async () => {
  await (await Committer.open(journal, 'cat')).commit();
  expect(await delivered({ partitions: 3 })).toEqual([]);
  const [labels, state, streams] = ['labels', 'state', 'streams'].map((name) => `${prefix}.${name} has 3`);
  expect(await delivered({ partitions: 4 })).toEqual([
    `${labels}, ${state}, ${streams} where partitions is 4: they are used as they are; leave partitions out, or take another topicPrefix, whose topics are created so`,
  ]);
  expect(await delivered()).toEqual([]);
});
