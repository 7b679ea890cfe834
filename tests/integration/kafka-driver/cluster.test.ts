import '../publish/disposal.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import type { KafkaRecord, StoredRecord } from '../../../src/kafka-client.js';
import { type KafkaBroker, type KafkaCluster, startKafka } from '../../services/kafka.js';
import { readLeaders, readWithKcat } from '../../services/kafka-topic.js';
import { until } from '../../until.js';
import { drivers } from './drivers.js';

let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka({ nodes: 3 });
});
afterAll(() => kafka?.stop());

/** The one that leads partition 0, asked of a broker that is well. */
async function readLeader(topic: string, asked: readonly KafkaBroker[]): Promise<KafkaBroker> {
  const [id] = await readLeaders(
    asked.map(({ address }) => address),
    topic,
  );
  return kafka.brokers[id! - 1]!;
}

/** Does it until it succeeds; what fails has to be worth another try. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error as PublishError).retryable) throw error;
    }
  }
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  test('a leader that hangs, and one that is killed, are left for who takes over; nothing is lost, doubled or mixed', async () => {
    const topic = `${name}.led`;
    await using client = createClient({
      ...toKafkaConfig(kafka.bootstrap),
      partitions: 1,
      replicationFactor: 3,
    });
    await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
    await using producer = client.createProducer();
    let sent = 0;
    const send = async (): Promise<void> => {
      const records = [0, 1, 2].map((): KafkaRecord => {
        return { key: 'k', value: `${sent++}`, headers: {}, timestampMs: Date.now() };
      });
      expect(await insist(() => producer.send(topic, 0, records))).toBeNull();
    };
    const read: StoredRecord[] = [];
    const stop = new AbortController();
    const reader = client.createReader(topic, 'beginning');
    const reading = insist(() =>
      reader.read((record) => void read.push(record), { untilEnd: false }, stop.signal),
    );
    await send();
    await until('the first records are read', () => read.length === sent);

    const hung = await readLeader(topic, kafka.brokers);
    const others = kafka.brokers.filter((broker) => broker !== hung);
    await hung.kill('SIGSTOP');
    try {
      await send();
      expect(await readLeader(topic, others)).not.toBe(hung);
      await until('records are read while a broker hangs', () => read.length === sent);
    } finally {
      await hung.kill('SIGCONT');
    }
    await send();

    const dead = await readLeader(topic, kafka.brokers);
    await dead.kill('SIGKILL');
    await send();
    await until('records are read while a broker is away', () => read.length === sent);
    await dead.start();
    await dead.ready();
    await send();
    await until('all records are read', () => read.length === sent);
    stop.abort();
    await reading;
    const values = Array.from({ length: sent }, (_, n) => `${n}`);
    expect(read.map(({ value }) => value)).toEqual(values);
    expect((await readWithKcat(kafka.bootstrap, topic)).map(({ value }) => value)).toEqual(values);
  });
});
