import './disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import { createKafkaClient } from '../../../src/kafka-client.js';
import { zstd } from '../../../src/kafka-codecs.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { toRowsOfEachType } from '../../event-samples.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat, readWithPython, writeWithKcat } from '../../services/kafka-topic.js';

/** Numbers of the protocol. */
const CODECS = { none: 0, gzip: 1, lz4: 3 } as const;
/** Long enough to be compressed. */
const VALUES = Array.from({ length: 200 }, (_, n) => `{"label":"dog","sequence":${n}}`);
const rows = toRowsOfEachType(Date.now());
const never = new AbortController().signal;
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka?.stop());

async function valuesOf(topic: string): Promise<string[]> {
  await using client = createKafkaClient(toKafkaConfig(kafka.bootstrap));
  const values: string[] = [];
  const onRecord = ({ value }: { readonly value: string | null }): void => void values.push(value!);
  await client.createReader(topic, 'beginning').read(onRecord, { untilEnd: true }, never);
  return values;
}

test.each(['lz4', 'gzip', 'none'] as const)(
  '%s: other clients read what is delivered, and so do we',
  async (compression) => {
    const config: KafkaConfig = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: compression, compression };
    await using sink = createKafkaSink({ name: 'kafka', config, live: null });
    await sink.open(null);
    await sink.deliver(rows, never);
    const topic = `${compression}.labels`;
    expect(kafka.brokers[0]!.readCodecs(topic)).toEqual([CODECS[compression]]);
    const records = await readWithKcat(kafka.bootstrap, topic);
    expect(records.map(({ headers }) => headers['ce_id'])).toEqual(
      rows.slice(0, 5).map(({ event }) => event.id),
    );
    expect(await readWithPython(kafka.bootstrap, topic)).toEqual(records);
    expect(await valuesOf(topic)).toEqual(records.map(({ value }) => value));
  },
);

const READ = { lz4: true, zstd: zstd !== null, snappy: false };

test.each(['lz4', 'zstd', 'snappy'] as const)(
  'a topic that another client filled with %s is read, or it is said that it cannot be',
  async (codec) => {
    await makeTopic(kafka.bootstrap, codec, { name: 'compression.type', value: 'producer' });
    await writeWithKcat(kafka.bootstrap, codec, { values: VALUES, codec });
    if (READ[codec]) return expect(await valuesOf(codec)).toEqual(VALUES);
    await expect(valuesOf(codec)).rejects.toMatchObject({
      message: `cannot read ${codec}: Kafka at ${kafka.bootstrap[0]} has records compressed with ${codec}`,
      remedy: expect.stringMatching(/^set compression\.type of the topic to producer, gzip or lz4/),
      retryable: false,
    });
  },
);
