import { expect, test } from '@jest/globals';
import { toSinkConfigs } from '../../src/cli/tag-sinks.js';
import { configSchema, toKafkaConfig } from '../../src/config/config.js';

const kafka = toKafkaConfig(['b:9092', 'a:9092']);
const NOWHERE = { output: undefined, kafka: undefined, sinks: [], journalFile: '/j/journal.db' };

test('a flag adds a sink, but none that the config has', () => {
  const names = (sinks: object[], flags: object) =>
    toSinkConfigs({ ...NOWHERE, ...configSchema.pick({ sinks: true }).parse({ sinks }), ...flags }).map(
      ({ name }) => name,
    );
  expect(names([], { kafka: ['b:9092', 'a:9092'], output: '/o' })).toEqual([
    'kafka:a:9092,b:9092',
    'ndjson:../o/events.ndjson',
  ]);
  const main = { name: 'main', kafka: { brokers: ['a:9092', 'b:9092'] } };
  expect(names([main], { kafka: ['b:9092', 'a:9092'] })).toEqual(['main']);
  expect(
    names([{ ...main, kafka: { ...main.kafka, topicPrefix: 'other' } }], { kafka: kafka.brokers }),
  ).toEqual(['kafka:a:9092,b:9092', 'main']);
  expect(names([{ name: 'file', ndjson: { path: '/o/events.ndjson' } }], { output: '/o' })).toEqual(['file']);
});

test('two sinks of a config that lead to the same place are refused', () => {
  const main = { name: 'main', kafka: { brokers: ['a:9092', 'b:9092'] } };
  const again = { name: 'again', kafka: { brokers: ['b:9092', 'a:9092'] } };
  const check = (sinks: object[]) =>
    configSchema.safeParse({ sinks }).error?.issues.map((one) => one.message);
  expect(check([main, again])).toEqual(['leads to the same place as sinks.0; everything would arrive twice']);
  expect(check([main, { ...again, kafka: { ...again.kafka, topicPrefix: 'other' } }])).toBeUndefined();
  expect(
    check([
      { name: 'x', ndjson: { path: 'a' } },
      { name: 'y', ndjson: { path: './a' } },
    ]),
  ).toEqual(['leads to the same place as sinks.0; everything would arrive twice']);
});
