import kafkajs from 'kafkajs';
import { toKafkaConfig } from '../../src/config/config.js';
import { createKafkaClient, type KafkaRecord } from '../../src/kafka-client.js';

/** A record and its topic below the prefix. */
export interface PlainRecord extends Omit<KafkaRecord, 'key'> {
  readonly topic: string;
  readonly key: string | null;
}

/**
 * Seconds that a plain kafkajs producer takes with the guarantees of the relay: idempotent, `acks=all`, gzip, and each batch
 * acknowledged before the next. The topics, with as many partitions as the relay's, are there before the clock runs.
 */
export async function plainSeconds(
  brokers: readonly string[],
  batches: readonly (readonly PlainRecord[])[],
  prefix: string,
): Promise<number> {
  const topics = [...new Set(batches.flat().map(({ topic }) => topic))];
  await using client = createKafkaClient(toKafkaConfig(brokers));
  await client.ensureTopics(topics.map((topic) => ({ name: `${prefix}.${topic}`, cleanup: 'delete' })));
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const beginMs = performance.now();
  for (const batch of batches)
    await producer.sendBatch({
      acks: -1,
      compression: kafkajs.CompressionTypes.GZIP,
      topicMessages: toTopicMessages(batch, prefix),
    });
  const seconds = (performance.now() - beginMs) / 1000;
  await producer.disconnect();
  return seconds;
}

function toTopicMessages(records: readonly PlainRecord[], prefix: string): kafkajs.TopicMessages[] {
  return [...new Set(records.map(({ topic }) => topic))].map((topic) => ({
    topic: `${prefix}.${topic}`,
    messages: records
      .filter((record) => record.topic === topic)
      .map(({ key, value, headers, timestampMs }) => ({
        key,
        value,
        headers: { ...headers },
        timestamp: String(timestampMs),
      })),
  }));
}
