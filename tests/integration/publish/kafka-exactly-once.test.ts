import './disposal.js';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import { createKafkaClient, type StoredRecord } from '../../../src/kafka-client.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { toTransactionalId } from '../../../src/publish/kafka-exact-delivery.js';
import { createKafkaSink, type KafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay, type Relay } from '../../../src/publish/relay.js';
import type { JournalRow } from '../../../src/types.js';
import { toRowsOfEachType } from '../../event-samples.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { accountAtEnd, NOTHING_WRONG } from '../../services/kafka-accounts.js';
import { allow, makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { until } from '../../until.js';
import { Committer } from './committer.js';

jest.setTimeout(600_000); // a busy machine is slow

const USERS = { admin: 'admin-secret', bob: 'builder-s' };
const EXACT = { ...NOTHING_WRONG, copies: 0 };
const never = new AbortController().signal;
let kafka: KafkaCluster;
let folder: string;
let journal: JournalHandle;
let runs = 0;
/** Of this test; its topics too. */
let config: KafkaConfig;

beforeAll(async () => {
  // looked for every ten seconds unless told
  const properties = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' };
  kafka = await startKafka({ users: USERS, isAuthorized: true, properties });
});
afterAll(() => kafka?.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-exactly-once-'));
  journal = await openJournal({ path: join(folder, 'journal.db') });
  config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: `run${++runs}` };
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function commit(
  count: number,
  names: readonly string[] = ['cat', 'dog', 'owl'],
): Promise<JournalRow[]> {
  const before = journal.lastPosition;
  const streams = await Promise.all(names.map((name) => Committer.open(journal, name)));
  for (let n = 0; n < count; n++) await Promise.all(streams.map((stream) => stream.commit()));
  return journal.read(before, 1_000_000);
}

async function toSink(settings: Partial<KafkaConfig> = {}): Promise<KafkaSink> {
  const transactionalId = toTransactionalId(await journal.journalId(), 'kafka');
  return createKafkaSink({ name: 'kafka', config: { ...config, ...settings }, live: null, transactionalId });
}

/** Opens a sink, delivers, and lets go of it without keeping its cursor, as a process that is killed right then. */
async function deliverAndDie(cursor: string | null, rows: readonly JournalRow[]): Promise<string> {
  await using sink = await toSink();
  await sink.open(cursor);
  return await sink.deliver(rows, never); // before it is closed
}

function flushed(relay: Relay): Promise<void> {
  return relay.flush(AbortSignal.timeout(180_000));
}

/** All records, once there are so many: what is committed shows a moment later, when its marks are written. */
async function readCommitted(topic: string, count: number): Promise<StoredRecord[]> {
  let records: StoredRecord[] = [];
  await until('what is committed shows', async () => {
    records = await readWithKcat(kafka.bootstrap, topic);
    return records.length >= count;
  });
  return records;
}

const accounts = () => accountAtEnd(journal, kafka.bootstrap, config.topicPrefix);

test('without a fault each event is there once, and nothing was aborted', async () => {
  await commit(200);
  {
    await using sink = await toSink();
    await using relay = await openRelay({ journal, sink });
    await flushed(relay);
    await commit(20);
    await flushed(relay);
  }
  expect(await accounts()).toMatchObject({ ...EXACT, events: 1320 });
  expect(
    await readWithKcat(kafka.bootstrap, `${config.topicPrefix}.labels`, 'read_uncommitted'),
  ).toHaveLength(1320);
});

test('what was committed before a kill is not sent again, be it the first batch, a later one, or a part of what comes next', async () => {
  const first = await commit(10);
  await deliverAndDie(null, first);
  const cursor = await deliverAndDie(null, first);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 60 });
  const second = await commit(10);
  await deliverAndDie(cursor, second.slice(0, 30)); // no place is known yet but by time
  await deliverAndDie(cursor, second);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 120 });
  const last = await deliverAndDie(cursor, second);
  const third = await commit(10);
  await deliverAndDie(last, third.slice(0, 7));
  await deliverAndDie(last, third.slice(0, 7));
  await deliverAndDie(last, third);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 180 });
});

test('a part of what comes next that is there already stays known when sending the rest fails', async () => {
  const rows = await commit(10);
  const cursor = await deliverAndDie(null, rows.slice(0, 10));
  await deliverAndDie(cursor, rows.slice(10, 17));
  const [before, row, after] = [rows.slice(10, 20), rows[20]!, rows.slice(21)];
  const data = { ...row.event.data, label: randomBytes(2_000_000).toString('hex') }; // more than a broker takes
  const tooLarge = { ...row, event: { ...row.event, data } as JournalRow['event'] };
  await using sink = await toSink();
  await sink.open(cursor);
  await expect(sink.deliver([...before, tooLarge, ...after], never)).rejects.toThrow('too large');
  await sink.deliver(rows.slice(10), never);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 60, records: 60 });
});

test('what a killed one left open ends at the next start, and is delivered then', async () => {
  const rows = await commit(10);
  await deliverAndDie(null, rows.slice(0, 10));
  const client = createKafkaClient(config);
  await using producer = client.createTransactionalProducer(
    toTransactionalId(await journal.journalId(), 'kafka'),
  );
  await producer.connect();
  const record = {
    key: 'cat',
    value: 'never there',
    headers: { ce_id: rows[10]!.event.id },
    timestampMs: Date.now(),
  };
  const left = producer.transact(async (sender) => {
    await sender.send(`${config.topicPrefix}.labels`, 0, [record]);
    throw new Error('killed');
  });
  await expect(left).rejects.toThrow('killed');
  await deliverAndDie(null, rows);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 60 });
  await client[Symbol.asyncDispose]();
});

test('a predecessor that still runs is fenced, and says so; the one that started later goes on', async () => {
  await commit(10);
  await using sink = await toSink();
  await using relay = await openRelay({ journal, sink });
  await flushed(relay);
  const { cursor } = (await journal.cursor('kafka'))!;
  await using later = await toSink();
  await later.open(cursor);
  const rows = await commit(1);
  await expect(flushed(relay)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^another labelcast has taken over: it delivers this journal, or a copy of it, to this sink too \(transactional id labelcast-[0-9a-f]{32}-kafka\)$/,
    ),
    remedy: expect.stringMatching(/^stop the other one/),
    retryable: false,
  });
  await later.deliver(rows, never);
  await later.deliver(await commit(1), never);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 72 });
});

test('a transaction that took too long is told from one that another labelcast has taken over, and begun anew', async () => {
  const topic = `${config.topicPrefix}.labels`;
  await makeTopic(kafka.bootstrap, topic, { name: 'cleanup.policy', value: 'delete' });
  const client = createKafkaClient(config);
  await using producer = client.createTransactionalProducer('labelcast-slow');
  const record = { key: 'slow', value: '{}', headers: {}, timestampMs: Date.now() };
  const isEndedByBroker = async (): Promise<boolean> => (await client.readEnds(topic)).get(0) === 2;
  await producer.connect();
  const late = producer.transact(async (sender) => {
    await sender.send(topic, 0, [record]);
    await until('the mark of its end', isEndedByBroker);
  });
  await expect(late).rejects.toMatchObject({
    message: expect.stringMatching(/^a transaction took \d+ s, and Kafka has ended it$/),
    retryable: true,
  });
  await producer.connect();
  const ends = await producer.transact(async (sender) => void (await sender.send(topic, 0, [record])));
  expect(ends).toEqual(new Map([[topic, new Map([[0, 3]])]]));
  expect(await readCommitted(topic, 1)).toHaveLength(1);
  await client[Symbol.asyncDispose]();
});

test('two journals deliver to the same topics by sinks of the same name, and neither is in the way of the other', async () => {
  const other = await openJournal({ path: join(folder, 'other.db') });
  try {
    const stream = await Committer.open(other, 'elk');
    await stream.commit();
    await using sink = await toSink();
    await using relay = await openRelay({ journal, sink });
    const transactionalId = toTransactionalId(await other.journalId(), 'kafka');
    await using otherSink = createKafkaSink({ name: 'kafka', config, live: null, transactionalId });
    await using otherRelay = await openRelay({ journal: other, sink: otherSink });
    for (let n = 0; n < 5; n++) {
      await commit(2);
      await stream.commit();
      await Promise.all([flushed(relay), flushed(otherRelay)]);
    }
    const records = await readCommitted(`${config.topicPrefix}.labels`, 72);
    expect(new Set(records.map(({ headers }) => headers['ce_id'])).size).toBe(72);
    expect(records).toHaveLength(72);
  } finally {
    await other[Symbol.asyncDispose]();
  }
});

test('what a copy of the journal has delivered is passed over when this one comes to it, also after other events', async () => {
  const cursor = await deliverAndDie(null, await commit(1));
  const [dogs, cats] = [await commit(3, ['dog']), await commit(3, ['cat'])];
  await deliverAndDie(cursor, cats.slice(0, 4)); // which it had before the dogs
  await using sink = await toSink();
  await sink.open(cursor);
  await sink.deliver(dogs, never);
  await sink.deliver(cats, never);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 18, records: 18 });
});

test("what stands behind another producer's open transaction is waited for", async () => {
  config = { ...config, partitions: 1 };
  const rows = await commit(5);
  await using killed = await toSink();
  await killed.open(null);
  const cursor = await killed.deliver(rows.slice(0, 6), never);
  const raw = new kafkajs.Kafka({
    brokers: kafka.bootstrap,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = raw.producer({
    transactionalId: 'labelcast-somebody',
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 600_000, // so that no broker ends it before the test does
  });
  await producer.connect();
  const open = await producer.transaction();
  await open.send({
    topic: `${config.topicPrefix}.labels`,
    messages: [{ partition: 0, key: 'other', value: '{}', headers: { ce_id: 'other' } }],
  });
  await killed.deliver(rows.slice(6, 20), never);
  let isDone = false;
  const again = deliverAndDie(cursor, rows.slice(6)).then(() => (isDone = true));
  await pause(1000); // it could have gone wrong by then
  expect(isDone).toBe(false);
  await open.commit();
  await again;
  await producer.disconnect();
  expect(await accounts()).toMatchObject({ ...EXACT, unknown: 1, events: 30, records: 31 });
});

test('a sink that was not exactly-once before, and left a part of a batch, goes on without a repeat', async () => {
  const rows = await commit(5);
  await using plain = createKafkaSink({ name: 'kafka', config, live: null });
  await plain.open(null);
  const cursor = await plain.deliver(rows.slice(0, 12), never);
  const part = rows.slice(12).filter(({ event }) => event.data.streamId === rows[12]!.event.data.streamId);
  await plain.deliver(part.slice(0, 3), never);
  await deliverAndDie(cursor, rows.slice(12));
  expect(await accounts()).toMatchObject({ ...EXACT, events: 30 });
});

test('the state of live streams is in the same transactions, and what is over leaves it once', async () => {
  const rows = toRowsOfEachType(Date.now()).filter(({ event }) => event.type.includes('.label.'));
  const { streamId } = rows[0]!.event.data;
  const live = async () => ({ streamIds: new Set([streamId]), openKeys: new Set<string>() });
  const transactionalId = toTransactionalId(await journal.journalId(), 'kafka');
  const options = { name: 'kafka', config, transactionalId };
  const read = (count: number) => readCommitted(`${config.topicPrefix}.state`, count);
  await deliverAndDie(null, rows.slice(0, 1));
  expect((await read(1)).map(({ value }) => value === null)).toEqual([false]);
  for (let start = 0; start < 2; start++) {
    await using sink = createKafkaSink({ ...options, live });
    await sink.open(null);
    await sink.deliver(rows.slice(0, 1), never);
    expect((await read(2)).map(({ value }) => value === null)).toEqual([false, true]);
  }
  expect(await readCommitted(`${config.topicPrefix}.labels`, 1)).toHaveLength(1);
});

test('what is rewound is delivered again, and once', async () => {
  const rows = await commit(10);
  const cursor = await deliverAndDie(null, rows);
  const again = await deliverAndDie(cursor, rows.slice(20, 40)); // as if rewound to 20
  await deliverAndDie(cursor, rows.slice(20, 50));
  await deliverAndDie(again, rows.slice(40));
  expect(await accounts()).toMatchObject({ ...NOTHING_WRONG, events: 60, copies: 40 });
});

test('a journal that cannot note what was delivered has it delivered once', async () => {
  const rows = await commit(5);
  await using sink = await toSink();
  await sink.open(null);
  const cursor = await sink.deliver(rows, never);
  expect(await sink.deliver(rows, never)).toBe(cursor);
  expect(await accounts()).toMatchObject({ ...EXACT, events: 30 });
});

test('a record that is too large is named; what is before it is delivered, and nothing of it twice later', async () => {
  await makeTopic(kafka.bootstrap, `${config.topicPrefix}.labels`, {
    name: 'max.message.bytes',
    value: '2500',
  });
  config = { ...config, compression: 'none' };
  const stream = await Committer.open(journal, 'cat');
  await stream.commit();
  const { events, ...rest } = stream.next();
  const large = events.map((event) => ({ ...event, data: { ...event.data, sourceUri: 'x'.repeat(3000) } }));
  await journal.commit({ ...rest, events: [events[0]!, large[1]!] as typeof events });
  for (let run = 0; run < 2; run++) {
    await using sink = await toSink();
    await using relay = await openRelay({ journal, sink });
    await expect(flushed(relay)).rejects.toMatchObject({
      message: `${config.topicPrefix}.labels refuses event ${large[1]!.id} of ${large[1]!.data.streamId}: it is too large`,
      retryable: false,
    });
    expect(await accounts()).toMatchObject({ ...EXACT, events: 4, missing: 1, records: 3 });
  }
});

test('each right that lacks is told at the first start', async () => {
  await commit(2);
  config = { ...config, topicPrefix: 'bob' };
  const deliver = async (): Promise<PublishError | 'delivered'> => {
    const sasl = { mechanism: 'scram-sha-512', username: 'bob', password: USERS.bob } as const;
    try {
      const settings = { brokers: kafka.secureBootstrap, ssl: { ca: kafka.certificate }, sasl };
      await using sink = await toSink(settings);
      await using relay = await openRelay({ journal, sink });
      await flushed(relay);
      return 'delivered';
    } catch (error) {
      return error as PublishError;
    }
  };
  const topic = (operation: 'CREATE' | 'DESCRIBE' | 'WRITE' | 'READ') =>
    ['topic', 'bob.', operation] as const;
  await allow(kafka.bootstrap, 'bob', [topic('CREATE'), topic('DESCRIBE'), topic('WRITE')]);
  expect(await deliver()).toMatchObject({
    message: 'exactlyOnce reads back what was delivered, which is not allowed: bob.labels, bob.streams',
    remedy: 'grant READ on the topics bob.labels, bob.streams',
    retryable: false,
  });
  await allow(kafka.bootstrap, 'bob', [topic('READ')]);
  expect(await deliver()).toMatchObject({
    message: expect.stringMatching(/gives no consumer group to bob$/),
    remedy: 'grant READ on the groups that begin with labelcast-',
    retryable: false,
  });
  await allow(kafka.bootstrap, 'bob', [['group', 'labelcast-', 'READ']]);
  expect(await deliver()).toMatchObject({
    message: expect.stringMatching(/^cannot write: Kafka at \S+ gives no transactions to bob$/),
    remedy: 'grant DESCRIBE and WRITE on the transactional ids that begin with labelcast-',
    retryable: false,
  });
  await allow(kafka.bootstrap, 'bob', [['transactions', 'labelcast-', 'DESCRIBE']]);
  expect(await deliver()).toMatchObject({
    message: expect.stringMatching(/^cannot write: Kafka at \S+ gives no transactions to bob$/),
    retryable: false,
  });
  await allow(kafka.bootstrap, 'bob', [['transactions', 'labelcast-', 'WRITE']]);
  expect(await deliver()).toBe('delivered');
  expect(await accounts()).toMatchObject({ ...EXACT, events: 12 });
});
