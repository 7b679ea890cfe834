import '../publish/disposal.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { zstd } from '../../../src/kafka-codecs.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat, readWithPython, writeWithKcat } from '../../services/kafka-topic.js';
import { drivers } from './drivers.js';

/** Numbers of the protocol. */
const CODECS = { none: 0, gzip: 1, lz4: 3 } as const;
/** Long enough to be compressed. */
const VALUES = Array.from({ length: 200 }, (_, n) => `{"label":"dog","sequence":${n}}`);
const never = new AbortController().signal;
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka?.stop());

describe.each(drivers)('$name', ({ name, createClient }) => {
  async function valuesOf(topic: string): Promise<string[]> {
    await using client = createClient(toKafkaConfig(kafka.bootstrap));
    const values: string[] = [];
    const onRecord = ({ value }: { readonly value: string | null }): void => void values.push(value!);
    await client.createReader(topic, 'beginning').read(onRecord, { untilEnd: true }, never);
    return values;
  }

  test.each(['lz4', 'gzip', 'none'] as const)(
    '%s: other clients read what is written, and so do we',
    async (compression) => {
      await using client = createClient({ ...toKafkaConfig(kafka.bootstrap), compression, partitions: 1 });
      const topic = `${name}.${compression}`;
      await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
      await using producer = client.createProducer();
      const records = VALUES.map((value, n) => ({ key: 'k', value, headers: { n: `${n}` }, timestampMs: n }));
      expect(await producer.send(topic, 0, records)).toBeNull();
      expect(kafka.brokers[0]!.readCodecs(topic)).toEqual([CODECS[compression]]);
      const stored = await readWithKcat(kafka.bootstrap, topic);
      expect(stored).toEqual(records.map((record, offset) => ({ ...record, offset, partition: 0 })));
      expect(await readWithPython(kafka.bootstrap, topic)).toEqual(stored);
      expect(await valuesOf(topic)).toEqual(VALUES);
    },
  );

  const mustRead = { lz4: true, zstd: zstd !== null, snappy: false };

  test.each(['lz4', 'zstd', 'snappy'] as const)(
    'a topic that another client filled with %s is read, or it is said that it cannot be',
    async (codec) => {
      const topic = `${name}.other-${codec}`;
      await makeTopic(kafka.bootstrap, topic, { name: 'compression.type', value: 'producer' });
      await writeWithKcat(kafka.bootstrap, topic, { values: VALUES, codec });
      const read = await valuesOf(topic).catch((error: unknown) => error);
      if (mustRead[codec] || Array.isArray(read)) return expect(read).toEqual(VALUES);
      expect(read).toMatchObject({
        message: `cannot read ${topic}: Kafka at ${kafka.bootstrap[0]} has records compressed with ${codec}`,
        remedy: expect.stringMatching(/^set compression\.type of the topic to producer, gzip or lz4/),
        retryable: false,
      });
    },
  );
});
