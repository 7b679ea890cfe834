import { expect, test } from '@jest/globals';
import { toTopics } from '../../../src/events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import type { StreamIdentity, Transition } from '../../../src/types.js';
import { readSchema, stateIssuesOf } from '../../event-schema.js';
import { ended, eventContext, started } from './samples.js';

const COMMITTED_MS = Date.UTC(2026, 0, 5, 10, 0, 0);
const heartbeat: Transition = {
  ...started(0, 0),
  phase: 'updated',
  reason: 'heartbeat',
  atMs: 30_000,
  confirmedMs: 30_000,
};

/** The values of the state topic after a start, a heartbeat and an end. */
function valuesOf(identity: Partial<StreamIdentity>): unknown[] {
  const context = eventContext('cat');
  const writer = new EventWriter({ ...context, identity: { ...context.identity, ...identity } });
  const { events } = writer.write([started(0, 0), heartbeat, ended(0, 0, 40_000)], COMMITTED_MS);
  const rows = events.map((event, n) => {
    return { position: n + 1, json: JSON.stringify(event), committedMs: COMMITTED_MS, event };
  });
  return rows
    .flatMap((row) => toTopicRecords(row, toTopics()))
    .filter(({ topic }) => topic === 'labelcast.state')
    .map(({ record }) => (record.value === null ? null : JSON.parse(record.value)));
}

test.each([
  ['with a clock', { clock: 'receive', startTimeMs: COMMITTED_MS } as const],
  ['without one', { clock: 'none', startTimeMs: null } as const],
])('the open segment of a live stream %s is as its schema says, and ends without a value', (_, clock) => {
  const values = valuesOf({ kind: 'live', ...clock });
  expect(values).toHaveLength(3);
  expect(values.slice(0, 2).map(stateIssuesOf)).toEqual([[], []]);
  expect(values[2]).toBeNull();
  const fields = Object.keys(readSchema('state-record.v1.json').properties);
  expect(Object.keys(values[0] as object)).toEqual(fields);
});

test('a file has no open segments', () => {
  expect(valuesOf({})).toEqual([]);
});

test('the schema of a state record refuses what breaks a rule', () => {
  const [value] = valuesOf({ kind: 'live' }) as [Record<string, unknown>];
  expect(stateIssuesOf({ ...value, colour: 'red' })).toEqual([]);
  const { expiresTime: _expiresTime, ...endless } = value;
  for (const broken of [endless, { ...value, sequence: '1' }, { ...value, lastSeenTime: 'yesterday' }])
    expect(stateIssuesOf(broken)).not.toEqual([]);
});
