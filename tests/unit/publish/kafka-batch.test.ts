import { expect, test } from '@jest/globals';
import { PublishError } from '../../../src/errors.js';
import {
  type KafkaProducer,
  type KafkaRecord,
  type PartitionRecords,
  toPartition,
} from '../../../src/kafka-client.js';
import { FrozenBatch } from '../../../src/publish/kafka-batch.js';
import type { TopicRecord } from '../../../src/publish/kafka-records.js';

const PARTITIONS = new Map([['labels', 3]]);

/** Takes what is sent, as it is told to. */
class FakeProducer implements KafkaProducer {
  readonly sent: string[] = [];
  /** In place of the next answers. */
  readonly answers: (Error | null)[] = [];
  isTooLarge: (records: readonly KafkaRecord[]) => boolean = () => false;
  /** Whether partitions of this topic go in one request. */
  isOneBroker: (topic: string) => boolean = () => true;

  async connect(): Promise<void> {}

  async send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<string | null> {
    this.sent.push(`${topic} ${partition} ${records.map(({ value }) => value?.slice(0, 8)).join(',')}`);
    const answer = this.answers.shift() ?? null;
    if (answer !== null) throw answer;
    return this.isTooLarge(records) ? 'it is too large' : null;
  }

  async sendTogether(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> {
    const together = requests.filter(({ topic }, n) => n === 0 || this.isOneBroker(topic));
    const values = together.flatMap(({ records }) => records.map(({ value }) => value?.slice(0, 8)));
    this.sent.push(`together ${together.length} ${values.join(',')}`);
    const answer = this.answers.shift() ?? null;
    if (answer !== null) throw answer;
    return together.some(({ records }) => this.isTooLarge(records)) ? [] : together;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function record(key: string, value: string): TopicRecord {
  return { topic: 'labels', name: `event ${value}`, record: { key, value, headers: {}, timestampMs: 0 } };
}

const busy = (): PublishError => new PublishError('busy', { retryable: true });

test('partitions go together, each with its records in order; those of another broker after them', async () => {
  const producer = new FakeProducer();
  const records = ['gate-2 a', 'door b', 'gate-2 c', 'hall d'].map((text) => {
    const [key, value] = text.split(' ') as [string, string];
    return record(key, value);
  });
  await new FrozenBatch(records, PARTITIONS).send(producer);
  const [sent] = producer.sent;
  expect(producer.sent).toHaveLength(1);
  expect(sent!.split(' ')[2]!.split(',').sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(sent).toMatch(/a.*c/);
  producer.isOneBroker = () => false;
  await new FrozenBatch(records, PARTITIONS).send(producer);
  const partitions = new Set(records.map((one) => toPartition(one.record.key, 3)));
  expect(producer.sent.slice(1)).toHaveLength(partitions.size);
});

test('once going together has failed, partitions go one by one; the next batch goes together again', async () => {
  const producer = new FakeProducer();
  const records = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => record(key, key));
  const batch = new FrozenBatch(records, PARTITIONS);
  producer.answers.push(busy());
  await expect(batch.send(producer)).rejects.toThrow('busy');
  await batch.send(producer);
  await new FrozenBatch(records, PARTITIONS).send(producer);
  const { size } = new Set(records.map((one) => toPartition(one.record.key, 3)));
  const alone = Array.from({ length: size }, () => 'labels');
  expect(producer.sent.map((line) => line.split(' ')[0])).toEqual(['together', ...alone, 'together']);
});

test('what is refused for good is told of the partition that it is refused for', async () => {
  const producer = new FakeProducer();
  const records = ['a', 'b', 'c', 'd'].map((key) => record(key, key));
  const batch = new FrozenBatch(records, PARTITIONS);
  producer.answers.push(new PublishError('one of several'), new PublishError('this one'));
  await expect(batch.send(producer)).rejects.toThrow('this one');
  expect(producer.sent.map((line) => line.split(' ')[0])).toEqual(['together', 'labels']);
});

test('after a failure the very request is sent again first, and nothing acknowledged before it', async () => {
  const producer = new FakeProducer();
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const batch = new FrozenBatch(
    keys.map((key) => record(key, key)),
    PARTITIONS,
  );
  producer.isOneBroker = () => false;
  producer.answers.push(null, busy());
  await expect(batch.send(producer)).rejects.toThrow('busy');
  producer.answers.push(busy());
  await expect(batch.send(producer)).rejects.toThrow('busy');
  await batch.send(producer);
  const [first, second, third, fourth] = producer.sent.map((line) => line.split(' ')[2]!);
  expect([third, fourth]).toEqual([second, second]);
  expect(producer.sent.filter((line) => line.endsWith(` ${first}`))).toHaveLength(1);
  await batch.send(producer);
  expect(producer.sent).toHaveLength(5);
});

test('what is too large together is halved; what is too large alone is named, with all before it delivered', async () => {
  const producer = new FakeProducer();
  producer.isTooLarge = (records) => records.length > 1 || records[0]!.value === 'BIG';
  const batch = new FrozenBatch(
    ['a', 'b', 'BIG', 'd'].map((value) => record('k', value)),
    PARTITIONS,
  );
  await expect(batch.send(producer)).rejects.toMatchObject({
    message: 'labels refuses event BIG: it is too large',
    retryable: false,
  });
  const lists = producer.sent.map((line) => line.split(' ')[2]);
  expect(lists).toEqual(['a,b,BIG,d', 'a,b,BIG,d', 'a,b', 'a', 'b', 'BIG,d', 'BIG']);
});

test('a request stays well below a megabyte', async () => {
  const producer = new FakeProducer();
  const records = Array.from({ length: 256 }, (_, n) => record('k', String(n).padStart(8000, '0')));
  await new FrozenBatch(records, PARTITIONS).send(producer);
  expect(producer.sent.length).toBe(5);
});

test("the partition of a key is that of Kafka's own client", () => {
  // hashes from the test of murmur2 in org.apache.kafka.common.utils
  const hashes = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 };
  for (const [key, hash] of Object.entries(hashes))
    expect([key, toPartition(key, 1000)]).toEqual([key, (hash & 0x7fffffff) % 1000]);
});
