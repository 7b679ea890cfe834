import './disposal.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CloudEvent, HTTP, Kafka } from 'cloudevents';
import { toKafkaConfig } from '../../../src/config/config.js';
import { createKafkaClient, type StoredRecord } from '../../../src/kafka-client.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openNdjsonSink } from '../../../src/publish/ndjson-sink.js';
import { toRowsOfEachType } from '../../event-samples.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { readWithKcat } from '../../services/kafka-topic.js';

const rows = toRowsOfEachType(Date.now());
const events = rows.map(({ event }) => event);
const never = new AbortController().signal;
let kafka: KafkaCluster;
let folder: string;

beforeAll(async () => {
  kafka = await startKafka();
  folder = mkdtempSync(join(tmpdir(), 'labelcast-cloudevents-'));
});
afterAll(async () => {
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the SDK of CloudEvents makes of a record; throws when it is no valid event. */
function readWithSdk({ key, value, headers }: StoredRecord): unknown {
  const message = { key, value, headers, body: value };
  return check(Kafka.toEvent(message));
}

function check(read: unknown): unknown {
  const event = read as CloudEvent<unknown>;
  expect(event.validate()).toBe(true);
  return event.toJSON();
}

test('an SDK of CloudEvents reads what is delivered to Kafka, in binary mode', async () => {
  await using sink = createKafkaSink({ name: 'kafka', config: toKafkaConfig(kafka.bootstrap), live: null });
  await sink.open(null);
  await sink.deliver(rows, never);
  const records = [
    ...(await readWithKcat(kafka.bootstrap, 'labelcast.labels')),
    ...(await readWithKcat(kafka.bootstrap, 'labelcast.streams')),
  ];
  expect(records.map(readWithSdk)).toEqual(events);
});

test('it reads NDJSON, an event a line, and the same lines as records of Kafka in structured mode', async () => {
  const path = join(folder, 'events.ndjson');
  const sink = openNdjsonSink({ path, anew: '' });
  await sink.open(null);
  await sink.deliver(rows, never);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const headers = { 'content-type': 'application/cloudevents+json' };
  expect(lines.map((body) => check(HTTP.toEvent({ headers, body })))).toEqual(events);

  await using client = createKafkaClient(toKafkaConfig(kafka.bootstrap));
  await client.ensureTopics([{ name: 'structured', cleanup: 'delete' }]);
  await using producer = client.createProducer();
  const structured = rows.map(({ event, json: value, committedMs: timestampMs }) => {
    return { key: event.partitionkey, value, headers, timestampMs };
  });
  expect(await producer.send('structured', 0, structured)).toBeNull();
  expect((await readWithKcat(kafka.bootstrap, 'structured')).map(readWithSdk)).toEqual(events);
});
