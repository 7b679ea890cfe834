import '../publish/disposal.js';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import type { KafkaProducer, KafkaRecord, PartitionRecords } from '../../../src/kafka-client.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { makeTopic } from '../../services/kafka-admin.js';
import { KafkaProxy, PRODUCE } from '../../services/kafka-proxy.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { drivers } from './drivers.js';
import { countTimers, TICKS } from './timers.js';

/** More than any driver tries within a call. */
const LOST = 12;
const BASE_MS = 1_767_600_000_000;
let proxy: KafkaProxy;
let kafka: KafkaCluster;

beforeAll(async () => {
  proxy = await KafkaProxy.open();
  kafka = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://${proxy.address}` } });
  proxy.target = kafka.bootstrap[0]!;
});
afterAll(async () => {
  proxy?.close();
  await kafka?.stop();
});

function record(n: number, more: Partial<KafkaRecord> = {}): KafkaRecord {
  return { key: `key ${n}`, value: `value ${n}`, headers: {}, timestampMs: BASE_MS + n, ...more };
}

function records(from: number, to: number): KafkaRecord[] {
  return Array.from({ length: to - from }, (_, n) => record(from + n));
}

/** Sends, as a relay does, until all is acknowledged, each time what is left; resolves to the failures on the way. */
async function sendAll(
  producer: KafkaProducer,
  requests: readonly PartitionRecords[],
): Promise<PublishError[]> {
  const failures: PublishError[] = [];
  for (let left = requests; left.length > 0; ) {
    try {
      const done = await producer.sendTogether(left);
      left = left.filter((one) => !done.includes(one));
    } catch (error) {
      if (!(error as PublishError).retryable) throw error;
      failures.push(error as PublishError);
    }
  }
  return failures;
}

async function valuesIn(topic: string): Promise<(string | null)[]> {
  return (await readWithKcat(kafka.bootstrap, topic)).map(({ value }) => value);
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  const config = () => ({ ...toKafkaConfig([proxy.address]), partitions: 4 });

  test('records are stored where they are put, in their order and whole', async () => {
    await using client = createClient(config());
    const topic = `${name}.whole`;
    await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
    await using producer = client.createProducer();
    await producer.connect();
    const headers = { ce_id: 'a b', 'ünï-çødé': '✓', empty: '' };
    const tombstone = record(9, { key: 'schlüssel', value: null, headers });
    expect(await producer.send(topic, 2, records(0, 50))).toBeNull();
    expect(await producer.send(topic, 2, records(50, 60))).toBeNull();
    expect(await producer.send(topic, 3, [tombstone, record(1, { timestampMs: BASE_MS - 5 })])).toBeNull();
    const stored = [
      ...records(0, 60).map((one, offset) => ({ ...one, partition: 2, offset })),
      { ...tombstone, partition: 3, offset: 0 },
      { ...record(1, { timestampMs: BASE_MS - 5 }), partition: 3, offset: 1 },
    ];
    expect(await readWithKcat(kafka.bootstrap, topic)).toEqual(stored);
  });

  test('what goes to one broker goes in one request', async () => {
    await using client = createClient(config());
    const topics = ['one', 'two'].map((topic) => `${name}.${topic}`);
    await client.ensureTopics(topics.map((topic) => ({ name: topic, cleanup: 'delete' })));
    await using producer = client.createProducer();
    const requests = (from: number): PartitionRecords[] =>
      topics.flatMap((topic) =>
        [0, 1, 2, 3].map((partition) => ({ topic, partition, records: records(from, from + 3) })),
      );
    await sendAll(producer, requests(0)); // by then it is known who leads
    let [count, to] = [0, 3];
    // a broker that takes seconds for its answer is asked a second time
    for (let n = 0; n < 3 && count !== 1; n++) {
      const before = proxy.counts.get(PRODUCE) ?? 0;
      const all = requests(to);
      expect(new Set(await producer.sendTogether(all))).toEqual(new Set(all));
      count = (proxy.counts.get(PRODUCE) ?? 0) - before;
      to += 3;
    }
    expect(count).toBe(1);
    for (const topic of topics) {
      const stored = await readWithKcat(kafka.bootstrap, topic);
      const expected = [0, 1, 2, 3].flatMap((partition) =>
        records(0, to).map((one, offset) => ({ ...one, partition, offset })),
      );
      expect(stored).toEqual(expected);
    }
  });

  test('records that a broker refuses for themselves are told, and none of them is stored', async () => {
    await using client = createClient({ ...config(), compression: 'none' });
    const [small, other] = [`${name}.small`, `${name}.other`];
    await makeTopic(kafka.bootstrap, small, { name: 'max.message.bytes', value: '2000' });
    await client.ensureTopics([{ name: other, cleanup: 'delete' }]);
    await using producer = client.createProducer();
    const large = record(1, { value: randomBytes(3000).toString('hex') });
    expect(await producer.send(other, 0, records(0, 2))).toBeNull();
    expect(await producer.send(small, 0, [record(0)])).toBeNull();
    const [fine, refused] = [
      { topic: other, partition: 0, records: records(2, 4) },
      { topic: small, partition: 0, records: [record(0), large] },
    ];
    const done = await producer.sendTogether([fine, refused]);
    expect(done).not.toContain(refused);
    if (!done.includes(fine)) expect(await producer.send(other, 0, fine.records)).toBeNull();
    expect(await producer.send(small, 0, refused.records)).toBe('it is too large');
    expect(await producer.send(small, 0, [record(2)])).toBeNull();
    expect(await producer.send(other, 0, records(4, 5))).toBeNull();
    expect(await valuesIn(small)).toEqual(['value 0', 'value 2']);
    expect(await valuesIn(other)).toEqual(records(0, 5).map(({ value }) => value));
  });

  test('records whose acknowledgement was lost are sent again and not stored twice', async () => {
    await using client = createClient(config());
    const topic = `${name}.lost`;
    await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
    await using producer = client.createProducer();
    expect(await producer.send(topic, 0, records(0, 5))).toBeNull();
    proxy.lose(PRODUCE, LOST);
    const lone = { topic, partition: 0, records: records(5, 10) };
    // the call itself fails, not only attempts within
    expect((await sendAll(producer, [lone])).length).toBeGreaterThan(0);
    expect(proxy.left).toBe(0);
    expect(await producer.send(topic, 0, records(10, 12))).toBeNull();
    proxy.lose(PRODUCE, LOST);
    const requests = [0, 1, 2].map((partition) => ({ topic, partition, records: records(12, 15) }));
    expect((await sendAll(producer, requests)).length).toBeGreaterThan(0);
    const stored = await readWithKcat(kafka.bootstrap, topic);
    const expected = [records(0, 15), records(12, 15), records(12, 15)].flatMap((list, partition) =>
      list.map((one, offset) => ({ ...one, partition, offset })),
    );
    expect(stored).toEqual(expected);
  });

  test('a client that is connected and has nothing to send rests', async () => {
    await using client = createClient(config());
    const topic = `${name}.rest`;
    await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
    await using producer = client.createProducer();
    expect(await producer.send(topic, 0, records(0, 1))).toBeNull();
    // kafkajs 2.2.4 by itself begins some 900 in that time, without an end
    expect(await countTimers()).toBeLessThan(TICKS.count);
    expect(await producer.send(topic, 0, records(1, 2))).toBeNull();
  });

  test('a client that is closed ends what is under way, and a second one is not concerned', async () => {
    const client = createClient(config());
    await using other = createClient(config());
    const topic = `${name}.closed`;
    await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
    const producer = client.createProducer();
    expect(await producer.send(topic, 0, records(0, 1))).toBeNull();
    await kafka.brokers[0]!.kill('SIGSTOP');
    const ends = [
      producer.send(topic, 0, records(1, 2)),
      client.listBrokers(),
      client
        .createReader(topic, 'beginning')
        .read(() => {}, { untilEnd: true }, new AbortController().signal),
    ].map((call) =>
      call.then(
        () => 'done',
        (error: unknown) => error,
      ),
    );
    try {
      await client[Symbol.asyncDispose]();
      for (const end of await Promise.all(ends)) expect(end).toMatchObject({ name: 'PublishError' });
      await producer[Symbol.asyncDispose]();
    } finally {
      await kafka.brokers[0]!.kill('SIGCONT');
    }
    await expect(client.listBrokers()).rejects.toMatchObject({ name: 'PublishError' });
    expect(await other.listBrokers()).toEqual([proxy.address]);
  });
});
