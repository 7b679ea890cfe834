import { expect, test } from '@jest/globals';
import { chooseCurrent, StateTopic, toOpenSegments } from '../../../src/consume/open-segments.js';
import { LabelSegments } from '../../../src/consume/label-segments.js';
import { toTopics } from '../../../src/events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import { ended, eventContext, started } from '../publish/samples.js';

const START_MS = Date.parse('2026-01-05T10:00:00Z');
const context = eventContext('gate');
const identity = { ...context.identity, kind: 'live', clock: 'receive', startTimeMs: START_MS } as const;
const { events } = new EventWriter({ ...context, identity }).write(
  [started(0, 0), started(1, 400), ended(0, 0, 2000), started(0, 3000)],
  0,
);
const records = events.map((event) => {
  const row = { position: 1, event, json: '', committedMs: 0 };
  return toTopicRecords(row, toTopics()).find(({ topic }) => topic === 'labelcast.state')!.record;
});

test('the state topic and the events say the same of what holds', () => {
  const topic = new StateTopic();
  const segments = new LabelSegments();
  for (const [n, event] of events.entries()) {
    expect(topic.take(records[n]!)).toBe(true);
    segments.take(event);
    expect(topic.segments.map((one) => JSON.stringify(one)).toSorted()).toEqual(
      toOpenSegments(segments.open)
        .map((one) => JSON.stringify(one))
        .toSorted(),
    );
  }
  expect(topic.segments.map(({ label, startMs }) => [label, startMs])).toEqual([
    ['dog', 400],
    ['person', 3000],
  ]);
});

test('what nothing was heard of for three heartbeats has expired', () => {
  const topic = new StateTopic();
  for (const record of records) topic.take(record);
  const seenMs = START_MS + 800;
  expect(chooseCurrent(topic.segments, seenMs + 89_999)).toMatchObject({ expired: 0 });
  const { current, expired } = chooseCurrent(topic.segments, seenMs + 90_000);
  expect([current.map(({ label }) => label), expired]).toEqual([['person'], 1]);
});

test('what is no segment takes the place of what was there, and is told', () => {
  const topic = new StateTopic();
  const { key, value } = records[0]!;
  topic.take(records[0]!);
  for (const other of [
    '',
    'null',
    '[]',
    '{}',
    value!.replace('"startMs":0', '"startMs":"0"'),
    value!.replace('2026', 'x'),
  ]) {
    expect(topic.take({ key, value: other })).toBe(false);
    expect(topic.segments).toEqual([]);
  }
});
