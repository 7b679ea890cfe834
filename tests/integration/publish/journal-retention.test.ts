import './disposal.js';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { toKafkaConfig } from '../../../src/config/config.js';
import { JournalLabels } from '../../../src/consume/journal-labels.js';
import type { SequenceFinding } from '../../../src/consume/sequence-check.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import type { Removed } from '../../../src/publish/journal-retention.js';
import { startRetention } from '../../../src/publish/retention.js';
import { type RetentionPolicy, toRule } from '../../../src/publish/retention-rule.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import { SinkRelays } from '../../../src/publish/sink-relays.js';
import { readReport } from '../../../src/report/read-report.js';
import { until } from '../../until.js';
import { fileIdentity } from '../../unit/publish/samples.js';
import { Committer } from './committer.js';
import { LiveCommitter, MINUTE_MS, SetClock } from './live-committer.js';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const BEGIN = Date.UTC(2026, 0, 5);
const POLICY: RetentionPolicy = { retainDays: 1, retainScoresHours: 1, maxBytes: null };
const E1 = '01998000-0000-7000-8000-000000000001';
const E2 = '01998000-0000-7000-8000-000000000002';
const never = new AbortController().signal;

let folder: string;
let path: string;
let clock: SetClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-retention-'));
  path = join(folder, 'journal.db');
  clock = new SetClock(BEGIN);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<JournalHandle> => openJournal({ path, now: clock.now });
const watch = (journal: JournalHandle, epoch = E1) =>
  LiveCommitter.open(journal, { streamId: 'gate', epoch, clock });

/** All that goes at a time, and how it went. */
async function prune(
  journal: JournalHandle,
  { policy = POLICY, sinks = [] as string[], nowMs = clock.ms } = {},
) {
  const sum = { events: 0, segments: 0, scores: 0, shed: 0 };
  for (;;) {
    const { removed, isDone } = await journal.retain(toRule(policy, nowMs, sinks));
    for (const key of Object.keys(sum) as (keyof Removed)[]) {
      expect(removed[key]).toBeLessThanOrEqual(200);
      sum[key] += removed[key];
    }
    if (isDone) return sum;
  }
}

async function rowsOf(journal: JournalHandle) {
  return (await journal.read(0, 100_000)).map(({ position, event }) => ({
    position,
    sequence: event.sequence === undefined ? null : Number(event.sequence),
  }));
}

async function findingsOf(journal: JournalHandle): Promise<SequenceFinding[]> {
  const findings: SequenceFinding[] = [];
  const listener = {
    trouble: () => {},
    event: () => {},
    finding: (finding: SequenceFinding) => void findings.push(finding),
  };
  await new JournalLabels(listener).read(journal, never);
  return findings;
}

test('of a camera what is old goes; what it goes on with stays', async () => {
  {
    await using journal = await open();
    const gate = await watch(journal);
    await gate.minutes(120);
    await gate.minutes(1, true); // a segment that is still open
    clock.ms += 2 * DAY_MS;
    // events: all but the last and the only state; segments: all that ended; scores: all but the minute of the checkpoint
    expect(await prune(journal)).toEqual({ events: 240, segments: 120, scores: 120, shed: 0 });
    expect(await prune(journal)).toEqual({ events: 0, segments: 0, scores: 0, shed: 0 });
  }
  await using journal = await open();
  expect(journal.lastPosition).toBe(242);
  expect(await rowsOf(journal)).toEqual([
    { position: 1, sequence: null },
    { position: 242, sequence: 241 },
  ]);
  const { identity } = (await journal.lastEpoch('gate'))!;
  const held = await journal.openEpoch(identity);
  expect(held).toMatchObject({ checkpoint: { nextSequence: 242 }, wholeFromMs: clock.ms - DAY_MS });
  expect(held.openSegments.map(({ startMs }) => startMs)).toEqual([120 * MINUTE_MS]);
  expect(held.scores?.minute).toBe(120);
  expect(await findingsOf(journal)).toEqual([]);
});

test('nothing goes before its time, nor events before every configured sink has them', async () => {
  await using journal = await open();
  const gate = await watch(journal);
  await gate.minutes(10);
  expect(await prune(journal)).toEqual({ events: 0, segments: 0, scores: 0, shed: 0 });
  clock.ms += 2 * DAY_MS;
  await journal.moveCursor('slow', { position: 7, cursor: '' });
  await journal.moveCursor('quick', { position: 21, cursor: '' });
  await journal.moveCursor('of before', { position: 2, cursor: '' });
  expect(await prune(journal, { sinks: ['quick', 'new'] })).toMatchObject({ events: 0, segments: 10 });
  expect(await prune(journal, { sinks: ['quick', 'slow'] })).toMatchObject({ events: 6 });
  expect((await rowsOf(journal)).map(({ position }) => position)).toEqual([1, ...range(8, 21)]);
  expect(await findingsOf(journal)).toEqual([]);
  expect(await prune(journal, { sinks: ['quick'] })).toMatchObject({ events: 13 });
  expect((await rowsOf(journal)).map(({ position }) => position)).toEqual([1, 21]);
});

test('a sink that was not configured while its events became old is told to lack them, others are not', async () => {
  await using journal = await open();
  await (await watch(journal)).minutes(10);
  clock.ms += 2 * DAY_MS;
  await journal.moveCursor('of before', { position: 2, cursor: '' });
  await journal.moveCursor('quick', { position: 15, cursor: '' });
  expect(await prune(journal, { sinks: ['quick'] })).toMatchObject({ events: 14 });
  const warnings: string[][] = [];
  const quiet = { onTrouble() {}, onRecovered() {}, onStopped() {} };
  await using relays = new SinkRelays({
    ...quiet,
    journal,
    liveIds: [],
    isPatient: true,
    anew: '',
    onWarning: (...warning) => void warnings.push(warning),
  });
  for (const name of ['of before', 'quick', 'new'])
    await relays.add({ name, from: 'beginning', kafka: toKafkaConfig(['127.0.0.1:1']) });
  expect(warnings).toEqual([
    ['of before', 'events were removed with age while it was not configured: it lacks them'],
  ]);
});

test('files keep everything, whatever its age', async () => {
  await using journal = await open();
  const cat = await Committer.open(journal, 'cat');
  for (let n = 0; n < 5; n++) await cat.commit();
  // what could not be opened has no epoch
  const dog = { ...fileIdentity('dog'), epoch: null };
  const failed = toStreamEvent('default', { ...dog, state: 'failed', cause: 'not-found' }, clock.ms);
  await journal.commit({ epoch: null, events: [failed], segments: [], scores: [], checkpoint: null });
  await (await watch(journal)).minutes(1); // the newest event stays in any case
  clock.ms += 400 * DAY_MS;
  await prune(journal);
  const rows = await journal.read(0, 100);
  expect(rows.filter(({ event }) => event.data.kind === 'file')).toHaveLength(11);
});

test('an epoch that is over goes as a whole, and is no loss; a hole is one all the same', async () => {
  {
    await using journal = await open();
    await (await watch(journal, E1)).minutes(5);
    clock.ms += 2 * DAY_MS;
    await (await watch(journal, E2)).minutes(5);
    expect(await prune(journal)).toEqual({ events: 11, segments: 5, scores: 5, shed: 0 });
    expect((await journal.lastNumbers()).map(({ epoch }) => epoch)).toEqual([E2]);
    clock.ms += DAY_MS - 3 * MINUTE_MS;
    expect(await prune(journal)).toMatchObject({ events: 2 }); // of the minutes up to the second
    expect(await findingsOf(journal)).toEqual([]);
  }
  alter(`DELETE FROM events WHERE sequence = 6 AND epoch = '${E2}'`);
  await using journal = await open();
  expect(await findingsOf(journal)).toEqual([
    { kind: 'missing', streamId: 'gate', epoch: E2, from: 6, to: 6 },
  ]);
});

test('a clock that stood in the past or in the future when events were committed makes them no older or younger', async () => {
  await using journal = await open();
  const gate = await watch(journal);
  await gate.minutes(2); // positions 2 to 5
  clock.ms = 0;
  await gate.minutes(2); // 6 to 9, of 1970
  clock.ms = BEGIN + 5 * MINUTE_MS;
  await gate.minutes(2); // 10 to 13
  expect(await prune(journal)).toMatchObject({ events: 0 });
  clock.ms = BEGIN + 400 * DAY_MS;
  await gate.minutes(2); // 14 to 17, of next year
  clock.ms = BEGIN + DAY_MS + 4 * MINUTE_MS;
  await gate.minutes(1); // 18 and 19
  expect(await prune(journal)).toMatchObject({ events: 8 }); // those of 1970 with what came before them
  clock.ms = BEGIN + DAY_MS + HOUR_MS;
  expect(await prune(journal)).toMatchObject({ events: 4 });
  clock.ms = BEGIN + 3 * DAY_MS;
  expect(await prune(journal)).toMatchObject({ events: 5 }); // those of next year too: what came after them is old
  expect((await rowsOf(journal)).map(({ position }) => position)).toEqual([1, 19]);
});

test('a look while the clock stands in the past makes nothing old once it is right again', async () => {
  await using journal = await open();
  const gate = await watch(journal);
  await gate.minutes(2);
  clock.ms = 0;
  expect(await prune(journal)).toMatchObject({ events: 0 });
  await gate.minutes(2); // of 1970
  expect(await prune(journal)).toMatchObject({ events: 0 });
  clock.ms = BEGIN + 5 * MINUTE_MS;
  await gate.minutes(2);
  expect(await prune(journal)).toMatchObject({ events: 0 });
});

test('for want of room score curves give way, oldest first, and nothing else', async () => {
  const many = { epoch: E1, count: 3000 };
  {
    await using journal = await open();
    await (await watch(journal)).minutes(3);
    const cat = await Committer.open(journal, 'cat');
    await cat.commit();
  }
  alter(`INSERT INTO scores WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < ${99 + many.count})
    SELECT '${many.epoch}', n, randomblob(2000) FROM n`);
  alter(
    `UPDATE epochs SET checkpoint = json_set(checkpoint, '$.lastMs', ${(100 + many.count) * MINUTE_MS}) WHERE epoch = '${E1}'`,
  );
  const maxBytes = 3 << 20;
  const policy = { retainDays: 1000, retainScoresHours: 24_000, maxBytes };
  let kept: number;
  {
    await using journal = await open();
    const { usedBytes: before } = await journal.retain(toRule({ ...policy, maxBytes: null }, clock.ms, []));
    expect(before).toBeGreaterThan(2 * maxBytes);
    const { shed, ...others } = await prune(journal, { policy });
    expect(others).toEqual({ events: 0, segments: 0, scores: 0 });
    const { usedBytes, scoreBlocks } = await journal.summary();
    expect(usedBytes).toBeLessThanOrEqual(maxBytes);
    expect(usedBytes).toBeGreaterThan(maxBytes / 2);
    expect(scoreBlocks).toBe(many.count + 4 - shed);
    kept = scoreBlocks - 1;
  }
  expect(ask(`SELECT min(minute) AS value FROM scores WHERE epoch = '${E1}'`)).toBe(100 + many.count - kept);
  await using journal = await open();
  const least = await prune(journal, { policy: { ...policy, maxBytes: 1 } });
  expect(least).toEqual({ events: 0, segments: 0, scores: 0, shed: kept });
  // the file is not finished, so that its minute is still needed
  expect(await journal.summary()).toMatchObject({ events: 9, segments: 4, scoreBlocks: 1 });
});

test('space is given back to the disk, and the newest event stays, from which positions are counted', async () => {
  {
    await using journal = await open();
    await (await watch(journal)).minutes(1);
  }
  alter(`INSERT INTO events (epoch, sequence, id, committed_ms, json)
    WITH RECURSIVE n (n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM n WHERE n < 12000)
    SELECT '${E1}', n, 'id' || n, ${BEGIN}, json_set((SELECT json FROM events WHERE sequence = 1), '$.pad', hex(randomblob(300)))
    FROM n`);
  alter(
    "UPDATE epochs SET last_sequence = 12000, checkpoint = json_set(checkpoint, '$.nextSequence', 12001)",
  );
  await using journal = await open();
  const before = statSync(path).size;
  clock.ms += 2 * DAY_MS;
  expect(await prune(journal)).toMatchObject({ events: 11_999 });
  const { bytes, usedBytes } = await journal.summary();
  expect(bytes).toBeLessThan(before / 2);
  expect(bytes - usedBytes).toBeLessThanOrEqual(1000 * 4096);
  expect(journal.lastPosition).toBe(12_001);
  expect(await rowsOf(journal)).toEqual([
    { position: 1, sequence: null },
    { position: 12_001, sequence: 1 }, // by its copied JSON
  ]);
  expect(await journal.lastNumbers()).toMatchObject([{ first: 12_000, sequence: 12_000 }]);
});

test('while commits go on, retention takes what is old and only that', async () => {
  await using journal = await open();
  await (await watch(journal, E1)).minutes(300);
  clock.ms += 2 * DAY_MS;
  const gate = await watch(journal, E2);
  const told: Removed[] = [];
  const retention = startRetention({
    journal,
    policy: POLICY,
    sinks: [],
    now: clock.now,
    everyMs: 1,
    told: {
      removed: (one) => void told.push(one),
      looked() {},
      clockJumped() {},
      failed: (error) => {
        throw error;
      },
    },
  });
  // the clock stands for it where the newest event does, as after a start
  await gate.minutes(200);
  await until('all of the first epoch is gone', async () => (await journal.summary()).epochs === 1);
  await retention[Symbol.asyncDispose]();
  expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(601);
  expect(await journal.summary()).toMatchObject({ events: 401, segments: 200 });
  expect(await findingsOf(journal)).toEqual([]);
});

test('a clock that jumps a year ahead is told, and removes nothing', async () => {
  await using journal = await open();
  const gate = await watch(journal);
  await gate.minutes(10);
  clock.ms += 365 * DAY_MS;
  const jumps: number[] = [];
  let looks = 0;
  const options = {
    journal,
    policy: POLICY,
    sinks: [],
    now: clock.now,
    everyMs: 1,
    told: {
      removed() {},
      looked: () => void looks++,
      clockJumped: (byMs: number) => void jumps.push(byMs),
      failed() {},
    },
  };
  for (let start = 1; start <= 2; start++) {
    await using _retention = startRetention(options);
    await until('it has looked', () => looks > 3 * start);
  }
  expect(jumps.map((byMs) => Math.round(byMs / DAY_MS))).toEqual([365, 365]); // once a start
  expect(await journal.summary()).toMatchObject({ events: 21, segments: 10, scoreBlocks: 10 });
});

test('a report tells from when on a camera is held whole, and takes nothing before that for blindness', async () => {
  await using journal = await open();
  const gate = await watch(journal);
  await gate.minutes(10);
  await gate.state('offline');
  gate.skip(60);
  await gate.state('online');
  await gate.minutes(10);
  clock.ms += DAY_MS - 5 * MINUTE_MS;
  const filter = { made: new Date(clock.ms), version: '1' };
  const before = (await readReport(journal, filter)).data.sources[0]!;
  expect(before.gaps.length).toBeGreaterThan(0);
  expect(before).not.toHaveProperty('wholeFromTime');
  await prune(journal);
  const after = (await readReport(journal, filter)).data.sources[0]!;
  const wholeFromMs = clock.ms - DAY_MS - BEGIN;
  expect(after.wholeFromTime).toBe(new Date(BEGIN + wholeFromMs).toISOString());
  expect(after.gaps.filter(({ startMs }) => startMs < wholeFromMs)).toEqual([]);
  expect(after.labels.map(({ label }) => label)).toEqual(['person']);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

/** Changes the file while nobody has it. */
function alter(sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

/** Asks a copy: SQLite closes a file for good once the statements are collected. */
function ask(sql: string): number {
  const copy = join(folder, 'copy.db');
  copyFileSync(path, copy);
  return (new Database(copy).prepare(sql).get([]) as { value: number }).value;
}
