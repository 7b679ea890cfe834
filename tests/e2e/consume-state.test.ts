import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../src/config/config.js';
import { readOpenSegments } from '../../src/label-events.js';
import { EventWriter } from '../../src/publish/event-writer.js';
import { newLiveEpoch } from '../../src/publish/ids.js';
import { type JournalHandle, openJournal } from '../../src/publish/journal.js';
import { readLiveState } from '../../src/publish/kafka-live-state.js';
import { createKafkaSink } from '../../src/publish/kafka-sink.js';
import { openRelay } from '../../src/publish/relay.js';
import type { Transition } from '../../src/types.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { ended, eventContext, started } from '../unit/publish/samples.js';
import { createFolder } from './clips.js';
import { labelcast, type Run } from './labelcast.js';

const folder = createFolder();
const path = folder.file('live.db');
const MINUTE_MS = 60_000;
let kafka: KafkaCluster;
/** What the journal holds open, streams that are no longer heard of last. */
let open: string[] = [];

beforeAll(async () => {
  kafka = await startKafka();
  await using journal = await openJournal({ path });
  const nowMs = Date.now() + 30 * MINUTE_MS; // so that nothing expires meanwhile, however long that takes
  // two cameras with a person that came and went, a dog that stays, and a person that is back
  const day = [started(0, 0), started(1, 400), ended(0, 0, 2000), started(0, 30_000)];
  await commit(journal, { streamId: 'gate-1', startMs: nowMs - MINUTE_MS }, day);
  await commit(journal, { streamId: 'gate-2', startMs: nowMs - MINUTE_MS }, day.slice(0, 3));
  // an epoch that another one has taken the place of, and a camera of yesterday
  await commit(journal, { streamId: 'door', startMs: nowMs - 2 * MINUTE_MS }, [
    started(0, 0),
    ended(0, 0, 3000),
  ]);
  await commit(journal, { streamId: 'door', startMs: nowMs - MINUTE_MS }, [started(1, 5000)]);
  await commit(journal, { streamId: 'yard', startMs: nowMs - 1440 * MINUTE_MS }, [started(0, 0)]);
  await deliver(journal, ['gate-1', 'gate-2', 'door', 'yard']);
  const segments = (await journal.segments()).filter(({ endMs }) => endMs === null);
  open = segments.map(({ streamId, label, epoch, segmentId, startMs }) =>
    JSON.stringify({ streamId, label, epoch, segmentId, startMs }),
  );
});
afterAll(async () => {
  await kafka?.stop();
  folder.remove();
});

async function commit(
  journal: JournalHandle,
  { streamId, startMs }: { readonly streamId: string; readonly startMs: number },
  transitions: readonly Transition[],
): Promise<void> {
  const context = eventContext(streamId);
  const identity = {
    ...context.identity,
    streamId,
    epoch: newLiveEpoch(),
    kind: 'live',
    clock: 'receive',
    startTimeMs: startMs,
  } as const;
  const { epoch } = (await journal.openEpoch(identity)).identity;
  const writer = new EventWriter({ ...context, identity });
  const { events, segments } = writer.write(transitions, startMs);
  const checkpoint = { lastMs: 30_000, frameHash: 0, nextSequence: writer.nextSequence, smoother: {} };
  await journal.commit({ epoch, events, segments, scores: [], checkpoint });
}

async function deliver(journal: JournalHandle, streamIds: readonly string[]): Promise<void> {
  const live = () => readLiveState(journal, streamIds);
  await using sink = createKafkaSink({ name: 'kafka', config: toKafkaConfig(kafka.bootstrap), live });
  await using relay = await openRelay({ journal, sink });
  await relay.flush(new AbortController().signal);
}

function state(...args: readonly string[]): Promise<Run> {
  return labelcast(['consume', '--state', ...args]);
}

test('the state, of Kafka and of the journal, is what the journal holds open, without what has expired', async () => {
  const read = await state('--kafka', kafka.bootstrap.join(','));
  const found = read.stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { streamId, label, epoch, segmentId, startMs } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify({ streamId, label, epoch, segmentId, startMs });
    });
  const yesterday = open.filter((line) => line.includes('"yard"'));
  expect(yesterday).toHaveLength(1);
  expect([...found, ...yesterday].toSorted()).toEqual(open.toSorted());
  expect(found).toHaveLength(4);
  expect(read).toMatchObject({
    status: 0,
    stderr: '1 segment is left out: nothing was heard of it for 90 s\n',
  });
  expect(await state('--journal', path)).toEqual(read);
  const records = read.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(await readOpenSegments({ kafka: { brokers: kafka.bootstrap } })).toEqual(records);
  const later = new Date(Date.now() + 60 * MINUTE_MS);
  expect(await readOpenSegments({ journal: path, at: later })).toEqual([]);
  expect(await readOpenSegments({ journal: path, at: new Date(0), streams: ['yard'] })).toHaveLength(1);
});

test('it is chosen by stream, label and score, and printed as a table or CSV', async () => {
  const dogs = await state('--journal', path, '--label', 'dog', '--stream', 'gate-1,gate-2', '--table');
  expect(dogs.stdout).toMatch(
    /^stream  label +since +for +seen +peak\ngate-1  dog    \S+Z  0\.4 s  \S+Z  0\.91\ngate-2  dog  .*\n$/,
  );
  const csv = await state('--journal', path, '--min', '0.9', '--format', 'csv');
  expect(csv.stdout.split('\r\n').map((line) => line.split(',').slice(0, 2).join())).toEqual([
    'stream,label',
    'door,dog',
    'gate-1,dog',
    'gate-1,person',
    'gate-2,dog',
    '',
  ]);
  const none = await state('--journal', path, '--label', 'cat');
  expect(none).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '0 open segments match; streams seen: door, gate-1, gate-2, yard; labels seen: dog, person\n',
  });
});

test('flags that mean nothing for a state are refused', async () => {
  for (const flag of ['--follow', '--until-end', '--since=1h', '--from=now']) {
    const run = await state('--journal', path, flag);
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringMatching(/'--\S+.* cannot be used with option '--/),
    ]);
  }
});
