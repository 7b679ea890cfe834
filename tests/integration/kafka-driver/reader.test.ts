import '../publish/disposal.js';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { toKafkaConfig } from '../../../src/config/config.js';
import type { KafkaClient, KafkaReader, StoredRecord } from '../../../src/kafka-client.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { allow } from '../../services/kafka-admin.js';
import { drivers } from './drivers.js';

const USERS = { admin: 'admin-secret', bob: 'builder-s' };
const never = new AbortController().signal;
let kafka: KafkaCluster;

beforeAll(async () => {
  const properties = { 'group.min.session.timeout.ms': '1000' };
  kafka = await startKafka({ users: USERS, isAuthorized: true, properties });
});
afterAll(() => kafka?.stop());

async function readToEnd(reader: KafkaReader): Promise<string[]> {
  const values: string[] = [];
  await reader.read(({ value }) => void values.push(value ?? 'none'), { untilEnd: true }, never);
  return values.sort(byText);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  const [empty, plain, marked] = ['empty', 'plain', 'marked'].map((topic) => `${name}.${topic}`) as [
    string,
    string,
    string,
  ];
  let client: KafkaClient;

  beforeAll(async () => {
    client = createClient({ ...toKafkaConfig(kafka.bootstrap), partitions: 2 });
    await client.ensureTopics([empty, plain, marked].map((topic) => ({ name: topic, cleanup: 'delete' })));
  });
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
  });

  async function write(topic: string, values: readonly string[]): Promise<void> {
    await using producer = client.createProducer();
    for (const [n, value] of values.entries())
      await producer.send(topic, n % 2, [{ key: 'k', value, headers: {}, timestampMs: n }]);
  }

  test('an empty topic ends at once, a full one when all that was there is read', async () => {
    expect(await readToEnd(client.createReader(empty, 'beginning'))).toEqual([]);
    await write(plain, ['a', 'b', 'c']);
    expect(await readToEnd(client.createReader(plain, 'beginning'))).toEqual(['a', 'b', 'c']);
  });

  test('a reader goes on where it stood; one that begins now does not look back', async () => {
    const old = client.createReader(plain, 'beginning');
    const now = client.createReader(plain, 'now');
    expect([await readToEnd(old), await readToEnd(now)]).toEqual([['a', 'b', 'c'], []]);
    await write(plain, ['d', 'e']);
    expect([await readToEnd(old), await readToEnd(now)]).toEqual([
      ['d', 'e'],
      ['d', 'e'],
    ]);
  });

  test('the end is found behind the marks of transactions, and what was aborted is not shown', async () => {
    const raw = new kafkajs.Kafka({ brokers: kafka.bootstrap, logLevel: kafkajs.logLevel.NOTHING });
    const producer = raw.producer({ transactionalId: 'test', idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const isKept of [true, false, false, false, true]) {
      const transaction = await producer.transaction();
      const messages = [{ partition: 0, value: isKept ? 'kept' : 'aborted' }];
      await transaction.send({ topic: marked, messages });
      await (isKept ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    expect(await readToEnd(client.createReader(marked, 'beginning'))).toEqual(['kept', 'kept']);
  });

  test('a record may take longer than the brokers keep a reader they do not hear of', async () => {
    const sessionTimeoutMs = 8000; // a pause of this machine is not to be longer
    const values: string[] = [];
    const slowly = async ({ value }: StoredRecord): Promise<void> => {
      if (values.length === 0) await pause(2 * sessionTimeoutMs);
      values.push(value ?? 'none');
    };
    const reader = client.createReader(plain, 'beginning', { sessionTimeoutMs });
    await reader.read(slowly, { untilEnd: true }, never);
    expect(values.sort(byText)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('following waits for what comes and ends with the signal', async () => {
    const stop = new AbortController();
    const values: string[] = [];
    const reader = client.createReader(empty, 'now');
    expect(await readToEnd(reader)).toEqual([]); // fixes where "now" is, else the write may come before it
    const reading = reader.read(
      ({ value }) => {
        values.push(value ?? 'none');
        if (values.length === 2) stop.abort();
      },
      { untilEnd: false },
      stop.signal,
    );
    await write(empty, ['x', 'y']);
    await reading;
    expect(values.sort(byText)).toEqual(['x', 'y']);
  });

  test('reading needs a right to the topic and one to the group', async () => {
    const bob = createClient({
      ...toKafkaConfig(kafka.secureBootstrap),
      ssl: { ca: kafka.certificate },
      sasl: { mechanism: 'scram-sha-256', username: 'bob', password: USERS.bob },
    });
    try {
      await expect(readToEnd(bob.createReader(plain, 'beginning'))).rejects.toMatchObject({
        message: expect.stringMatching(/^cannot read \S+: Kafka at \S+ does not allow it to bob$/),
        retryable: false,
      });
      await allow(kafka.bootstrap, 'bob', [['topic', plain, 'READ']]);
      await expect(readToEnd(bob.createReader(plain, 'beginning'))).rejects.toMatchObject({
        message: expect.stringMatching(/^cannot read \S+: Kafka at \S+ gives no consumer group to bob$/),
        remedy: expect.stringMatching(/^grant READ on the groups that begin with labelcast-/),
      });
      await allow(kafka.bootstrap, 'bob', [['group', 'labelcast-', 'READ']]);
      expect(await readToEnd(bob.createReader(plain, 'beginning'))).toHaveLength(5);
    } finally {
      await bob[Symbol.asyncDispose]();
    }
  });
});
