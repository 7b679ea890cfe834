import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { DATA_SCHEMAS, toStreamEvent } from '../../../src/publish/stream-events.js';
import type { StreamIdentity } from '../../../src/types.js';
import { EVENT_SCHEMAS, issuesOf, readSchema } from '../../event-schema.js';
import { toLost } from '../../event-samples.js';
import { ended, eventContext, fileIdentity, started } from './samples.js';

const NOW_MS = Date.UTC(2026, 0, 5, 10, 0, 0);
const schemas = EVENT_SCHEMAS.map(readSchema);
function withClock(name: string) {
  const identity: StreamIdentity = {
    ...fileIdentity(name),
    clock: 'file-metadata',
    startTimeMs: Date.UTC(2025, 5, 1, 8, 0, 0),
  };
  return { ...eventContext(name), identity };
}

test('a started event is written to the letter', () => {
  const { events } = new EventWriter(eventContext('cat')).write([started(1, 183_200)], NOW_MS);
  expect(events).toEqual([
    {
      specversion: '1.0',
      id: '67c39d1a-3efe-5cb1-8a84-720a53f1cb4a',
      type: 'io.labelcast.label.started.v1',
      source: '/labelcast/default/streams/cat~0a1b2c3d',
      subject: 'dog',
      time: '2026-01-05T10:00:00.000Z',
      sequence: '000000000001',
      partitionkey: 'cat~0a1b2c3d',
      datacontenttype: 'application/json',
      dataschema: 'https://labelcast.io/schema/label-event.v1.json',
      data: {
        streamId: 'cat~0a1b2c3d',
        kind: 'file',
        sourceUri: 'file:///videos/cat.mp4',
        epoch: fileIdentity('cat').epoch,
        sequence: 1,
        label: 'dog',
        segmentId: '5dda1808-a054-57c9-bc10-008aa13c0332',
        phase: 'started',
        reason: 'threshold',
        startMs: 183_200,
        endMs: null,
        confirmedMs: 183_600,
        startTime: null,
        endTime: null,
        clock: 'none',
        score: { current: 0.83, peak: 0.911, mean: 0.744 },
        thresholds: { enter: 0.55, exit: 0.38 },
        frames: { observed: 3, expected: 3 },
        model: { name: 'nano', version: '1.0.0', sha256: 'ab'.repeat(32) },
        tags: { site: 'north' },
        previous: null,
      },
    },
  ]);
});

test('label events and completed are numbered without a hole, and only the first says what was before', () => {
  const writer = new EventWriter(eventContext('cat'));
  const first = writer.write([started(0, 0), started(1, 200)], NOW_MS).events;
  const second = writer.write([ended(0, 0, 4000), ended(1, 200, 4200)], NOW_MS).events;
  const completed = writer.complete(10_000, NOW_MS);
  const all = [...first, ...second, completed];
  expect(all.map((event) => event.data.sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(all.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5].map((n) => String(n).padStart(12, '0')));
  expect(all.map((event) => 'previous' in event.data)).toEqual([true, false, false, false, false]);
  expect(writer.nextSequence).toBe(6);
});

test('a writer that goes on from what was journalled writes the same bytes as one that was never stopped', () => {
  const steps = [[started(0, 0)], [started(1, 600)], [ended(0, 0, 2000)], [ended(1, 600, 2600)]];
  const whole = new EventWriter(eventContext('cat'));
  const expected = steps.map((step) => whole.write(step, NOW_MS));
  const before = new EventWriter(eventContext('cat'));
  const early = steps.slice(0, 2).map((step) => before.write(step, NOW_MS));
  const after = new EventWriter(eventContext('cat'), {
    nextSequence: before.nextSequence,
    openSegments: early.flatMap(({ segments }) => segments),
  });
  const late = steps.slice(2).map((step) => after.write(step, NOW_MS));
  expect(JSON.stringify([...early, ...late])).toBe(JSON.stringify(expected));
});

test('the commit time shows in `time` alone, and not at all with a clock', () => {
  const write = (context: ReturnType<typeof eventContext>, nowMs: number) =>
    new EventWriter(context).write([started(0, 5000), ended(0, 5000, 9000)], nowMs).events;
  const [early, late] = [write(eventContext('cat'), NOW_MS), write(eventContext('cat'), NOW_MS + 1)];
  expect(late.map((event) => ({ ...event, time: '' }))).toEqual(
    early.map((event) => ({ ...event, time: '' })),
  );
  expect(late[0]!.time).toBe('2026-01-05T10:00:00.001Z');

  const timed = write(withClock('cat'), NOW_MS);
  expect(timed.map(({ time }) => time)).toEqual(['2025-06-01T08:00:05.000Z', '2025-06-01T08:00:09.000Z']);
  expect(timed[1]!.data.startTime).toBe('2025-06-01T08:00:05.000Z');
  expect(timed[1]!.data.endTime).toBe('2025-06-01T08:00:09.000Z');
  expect(timed[0]!.data.endTime).toBeNull();
});

test('a segment opened and closed in one step is stored once, closed, with both reasons', () => {
  const end = { ...ended(0, 0, 400), reason: 'end-of-stream' as const };
  const { segments } = new EventWriter(eventContext('cat')).write([started(0, 0), end], NOW_MS);
  expect(segments).toHaveLength(1);
  expect(segments[0]).toMatchObject({
    startMs: 0,
    endMs: 400,
    startReason: 'threshold',
    endReason: 'end-of-stream',
  });
});

test('a segment that never opened cannot end, nor one open twice, nor a file complete over an open one', () => {
  const writer = new EventWriter(eventContext('cat'));
  expect(() => writer.write([ended(0, 0, 400)], NOW_MS)).toThrow(/cannot be ended now/);
  writer.write([started(0, 0)], NOW_MS);
  expect(() => writer.write([started(0, 0)], NOW_MS)).toThrow(/cannot be started now/);
  expect(() => writer.complete(1000, NOW_MS)).toThrow(/1 segments are open/);
});

test('tags beyond 16 × 64 characters are refused with what to do', () => {
  const context = eventContext('cat');
  const tagged = (tags: Record<string, string>) => () =>
    new EventWriter({ ...context, identity: { ...context.identity, tags } });
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`tag${n}`, 'x']));
  expect(tagged(many)).toThrow(
    expect.objectContaining({ name: 'PublishError', remedy: expect.stringMatching(/16 tags/) }),
  );
  expect(tagged({ site: 'x'.repeat(65) })).toThrow(/too long/);
  expect(tagged({ site: 'x'.repeat(64) })).not.toThrow();
});

test('every kind of event is valid, those of a source without epoch too', () => {
  const writer = new EventWriter(withClock('cat'));
  const labels = writer.write([started(0, 0), started(1, 0), ended(0, 0, 400), ended(1, 0, 400)], NOW_MS);
  const { streamId, kind, sourceUri, epoch } = fileIdentity('cat');
  const end = { streamId, kind, sourceUri };
  const all = [
    ...labels.events,
    ...labels.events.map(toLost),
    writer.complete(1000, NOW_MS),
    toStreamEvent('default', { ...end, epoch, state: 'ended', durationMs: 1000 }, NOW_MS),
    toStreamEvent('default', { ...end, epoch, state: 'failed', cause: 'corrupt' }, NOW_MS),
    toStreamEvent('default', { ...end, epoch: null, state: 'failed', cause: 'not-found' }, NOW_MS),
  ];
  expect(all.map(issuesOf)).toEqual(all.map(() => []));
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

test('the schema of an event names every field that is written, and its own address', () => {
  const labelEvent = new EventWriter(eventContext('cat')).write([started(0, 0)], NOW_MS).events[0]!;
  const completed = new EventWriter(eventContext('cat')).complete(1000, NOW_MS);
  const end = { ...fileIdentity('cat'), state: 'ended' as const, durationMs: 1, cause: 'ended' as const };
  const all = [labelEvent, completed, toLost(labelEvent), toStreamEvent('default', end, NOW_MS)];
  for (const event of all) {
    const schema = schemas.find(({ $id }) => $id === event.dataschema)!;
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(event.data).sort());
    expect(Object.keys(event).filter((key) => !(key in readSchema('event.v1.json').properties))).toEqual([]);
  }
  expect(schemas.map(({ $id }) => $id)).toEqual(
    EVENT_SCHEMAS.map((file) => `https://labelcast.io/schema/${file}`),
  );
  expect(Object.values(DATA_SCHEMAS).every((id) => schemas.some(({ $id }) => $id === id))).toBe(true);
  expect(readdirSync('docs/schema')).toEqual(expect.arrayContaining(EVENT_SCHEMAS));
});

test('readers ignore unknown fields, and refuse what breaks a rule', () => {
  const [event] = new EventWriter(eventContext('cat')).write([started(0, 0)], NOW_MS).events;
  const { data } = event!;
  const { subject: _subject, ...withoutSubject } = event!;
  const { previous: _previous, ...withoutPrevious } = data;
  expect(issuesOf({ ...event, extra: 1, data: { ...data, colour: 'red' } })).toEqual([]);
  const broken = [
    { ...event, sequence: '1' },
    { ...event, type: 'io.labelcast.label.vanished.v1' },
    { ...event, id: 'x' },
    withoutSubject,
    { ...event, data: withoutPrevious },
    { ...event, data: { ...data, endMs: 400 } },
    { ...event, data: { ...data, startTime: '2026-01-05T10:00:00.000Z' } },
    { ...event, data: { ...data, phase: 'ended' } },
    { ...event, data: { ...data, score: { ...data.score, peak: 1.2 } } },
    { ...event, data: { ...data, startMs: 0.5 } },
  ];
  for (const one of broken) expect(issuesOf(one)).not.toEqual([]);
});
