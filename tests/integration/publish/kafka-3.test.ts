import './disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { readLabelEvents } from '../../../src/label-events.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import type { NumberedCloudEvent } from '../../../src/types.js';
import { toRowsOfEachType } from '../../event-samples.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { readWithKcat } from '../../services/kafka-topic.js';

/** A segment that began, went on and ended, and how its stream stands. */
const rows = toRowsOfEachType(Date.now()).filter(({ event }) => /\.label\.|\.state\./.test(event.type));
const never = new AbortController().signal;
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka({ version: '3.9', users: { alice: 'wonder-land' } });
});
afterAll(() => kafka?.stop());

test('a broker of Kafka 3 takes events, gives them to readers, and keeps the state of live streams', async () => {
  const config = {
    ...toKafkaConfig(kafka.secureBootstrap),
    ssl: { ca: kafka.certificate },
    sasl: { mechanism: 'scram-sha-512', username: 'alice', password: 'wonder-land' } as const,
  };
  const { streamId } = rows[0]!.event.data;
  const open = createKafkaSink({ name: 'kafka', config, live: null });
  await open.open(null);
  await open.deliver(rows.slice(0, 2), never);
  await open[Symbol.asyncDispose]();
  const state = `${streamId}/person`;
  const before = await readWithKcat(kafka.bootstrap, 'labelcast.state');
  expect(before.map(({ key, value }) => [key, value === null])).toEqual([
    [state, false],
    [state, false],
  ]);

  // nothing is open any more, which the topic does not know yet
  const live = async () => ({ streamIds: new Set([streamId]), openKeys: new Set<string>() });
  await using sink = createKafkaSink({ name: 'kafka', config, live });
  await sink.open(null);
  expect(await readWithKcat(kafka.bootstrap, 'labelcast.state')).toHaveLength(3);
  await sink.deliver(rows.slice(2), never);

  const events: NumberedCloudEvent[] = [];
  const source = { ...config, brokers: kafka.secureBootstrap };
  for await (const event of readLabelEvents({ kafka: source, untilEnd: true })) events.push(event);
  expect(events).toEqual(rows.slice(0, 3).map(({ event }) => event));
  expect((await readWithKcat(kafka.bootstrap, 'labelcast.streams')).map(({ key }) => key)).toEqual([
    streamId,
  ]);
});
