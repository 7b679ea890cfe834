import './disposal.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { type LiveState, readLiveState } from '../../../src/publish/kafka-live-state.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import type { StreamIdentity, Transition } from '../../../src/types.js';
import { ended, eventContext, started } from '../../unit/publish/samples.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { stateIssuesOf } from '../../event-schema.js';
import { readWithKcat } from '../../services/kafka-topic.js';

const never = new AbortController().signal;
const START = Date.parse('2026-01-05T10:00:00.000Z');
let kafka: KafkaCluster;
let folder: string;
let journals = 0;

beforeAll(async () => {
  kafka = await startKafka();
  folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-state-'));
});
afterAll(async () => {
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function live(streamId: string): StreamIdentity {
  const { identity } = eventContext(streamId);
  return { ...identity, streamId, kind: 'live', clock: 'receive', startTimeMs: START };
}

/** Commits transitions of a live stream, the way a service does. */
async function commit(journal: JournalHandle, identity: StreamIdentity, transitions: readonly Transition[]) {
  const { epoch } = await journal.openEpoch(identity).then((held) => held.identity);
  const writer = new EventWriter({ ...eventContext('cat'), identity });
  const { events, segments } = writer.write(transitions, 0);
  const checkpoint = { lastMs: 9000, frameHash: 0, nextSequence: writer.nextSequence, smoother: {} };
  await journal.commit({ epoch, events, segments, scores: [], checkpoint });
  return events;
}

async function deliver(journal: JournalHandle, state: LiveState): Promise<void> {
  const config = toKafkaConfig(kafka.bootstrap);
  await using sink = createKafkaSink({ name: 'kafka', config, live: async () => state });
  await using relay = await openRelay({ journal, sink });
  await relay.flush(never);
}

/** What the state topic says of each key, after all its records. */
async function stateOf(): Promise<Record<string, unknown>> {
  const records = await readWithKcat(kafka.bootstrap, 'labelcast.state');
  const values = records.flatMap(({ value }) => (value === null || value === '' ? [] : [JSON.parse(value)]));
  expect(values.map(stateIssuesOf)).toEqual(values.map(() => []));
  return Object.fromEntries(
    records.map(({ key, value }) => [key, value === null || value === '' ? null : JSON.parse(value)]),
  );
}

function openIn(path = join(folder, `${++journals}.db`)): Promise<JournalHandle> {
  return openJournal({ path });
}

test('the state topic holds the open segments of live streams, and lets go of those that are over', async () => {
  const journal = await openIn();
  const other = await openIn();
  try {
    const events = await commit(journal, live('gate-2'), [
      started(0, 3200),
      started(1, 4000),
      ended(0, 3200, 9000),
    ]);
    await commit(other, live('gate-9'), [started(0, 1000)]);
    const now = await readLiveState(journal, ['gate-2', 'never-seen']);
    expect([...now.openKeys]).toEqual(['gate-2/dog']);
    await deliver(journal, now);
    await deliver(other, { streamIds: new Set(['gate-9']), openKeys: new Set(['gate-9/person']) });
    const dog = {
      epoch: live('gate-2').epoch,
      sequence: 2,
      segmentId: events[1]!.data.segmentId,
      label: 'dog',
      streamId: 'gate-2',
      startMs: 4000,
      startTime: '2026-01-05T10:00:04.000Z',
      lastSeenTime: '2026-01-05T10:00:04.400Z',
      expiresTime: '2026-01-05T10:01:34.400Z',
      score: { current: 0.83, peak: 0.911, mean: 0.744 },
    };
    const person = expect.objectContaining({ streamId: 'gate-9', label: 'person', sequence: 1 });
    expect(await stateOf()).toEqual({ 'gate-2/person': null, 'gate-2/dog': dog, 'gate-9/person': person });

    // another journal takes gate-2 over: the dog of the old one is nobody's any more, gate-9 is not its business
    const successor = await openIn();
    await commit(successor, { ...live('gate-2'), epoch: live('new').epoch }, [started(0, 1000)]);
    await deliver(successor, { streamIds: new Set(['gate-2']), openKeys: new Set(['gate-2/person']) });
    const after = await stateOf();
    expect(after).toEqual({
      'gate-2/dog': null,
      'gate-2/person': expect.objectContaining({ epoch: live('new').epoch }),
      'gate-9/person': person,
    });
    // nothing new to deliver, but the segment ended while the service was down
    await deliver(successor, { streamIds: new Set(['gate-2']), openKeys: new Set() });
    await successor[Symbol.asyncDispose]();
    expect(await stateOf()).toEqual({ ...after, 'gate-2/person': null });
    const count = (await readWithKcat(kafka.bootstrap, 'labelcast.state')).length;
    await deliver(journal, { streamIds: new Set(['gate-9']), openKeys: new Set(['gate-9/person']) });
    expect(await readWithKcat(kafka.bootstrap, 'labelcast.state')).toHaveLength(count);
  } finally {
    await journal[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  }
});

test('the last state of each stream is in the streams topic, and nowhere else', async () => {
  const journal = await openIn();
  const event = toStreamEvent(
    'default',
    {
      streamId: 'door',
      kind: 'file',
      sourceUri: 'file:///door.mp4',
      epoch: null,
      state: 'failed',
      cause: 'corrupt',
    },
    START,
  );
  await journal.commit({ epoch: null, events: [event], segments: [], scores: [], checkpoint: null });
  await deliver(journal, { streamIds: new Set(), openKeys: new Set() });
  await journal[Symbol.asyncDispose]();
  const [record, ...more] = await readWithKcat(kafka.bootstrap, 'labelcast.streams');
  expect(more).toEqual([]);
  expect(record).toMatchObject({
    key: 'door',
    value: JSON.stringify(event.data),
    headers: { ce_type: 'io.labelcast.stream.state.v1', ce_id: event.id },
  });
  expect(record!.headers).not.toHaveProperty('ce_sequence');
  const labels = await readWithKcat(kafka.bootstrap, 'labelcast.labels');
  expect(labels.filter(({ key }) => key === 'door')).toEqual([]);
});
