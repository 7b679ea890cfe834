import './disposal.js';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { openJournal } from '../../../src/publish/journal.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import type { Commit, ScoreBlock, StreamIdentity } from '../../../src/types.js';
import { ended, eventContext, fileIdentity, started } from '../../unit/publish/samples.js';
import { Committer } from './committer.js';
import { openSmallDisk } from './small-disk.js';

const NOTHING = { events: [], segments: [], scores: [], checkpoint: null };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-journal-'));
  path = join(folder, 'journal.db');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What an open rejects with, as people see it. */
async function refusalOf(opening: Promise<AsyncDisposable>): Promise<{ message: string; remedy: string }> {
  try {
    await using _journal = await opening;
  } catch (error) {
    expect(error).toMatchObject({ name: 'PublishError' });
    const { message, remedy } = error as { message: string; remedy: string };
    return { message, remedy };
  }
  throw new Error('the journal opened');
}

/** Without the maps and arrays of another realm, which Jest takes for different ones. */
function toPlain(blocks: readonly ScoreBlock[]) {
  return blocks.map(({ minute, timesMs, curves }) => ({
    minute,
    timesMs,
    curves: [...curves].map(([label, scores]) => [label, ...scores]),
  }));
}

function endOf(name: string, state: 'ended' | 'failed') {
  const cause = state === 'failed' ? { cause: 'corrupt' as const } : {};
  return toStreamEvent('default', { ...fileIdentity(name), state, ...cause }, 0);
}

test('events, segments, scores and the checkpoint of a commit are found again by the next process', async () => {
  let written: Commit;
  {
    await using journal = await openJournal({ path });
    const committer = await Committer.open(journal, 'cat');
    await committer.commit();
    written = committer.next();
    await journal.commit(written);
  }
  await using journal = await openJournal({ path });
  expect(journal.lastPosition).toBe(4);
  const rows = await journal.read(2, 10);
  expect(rows.map(({ position }) => position)).toEqual([3, 4]);
  expect(rows.map(({ event }) => event)).toEqual(written.events);
  expect(rows.map(({ json }) => json)).toEqual(written.events.map((event) => JSON.stringify(event)));
  const held = await journal.openEpoch(fileIdentity('cat'));
  expect({ ...held, scores: toPlain([held.scores!]) }).toEqual({
    identity: fileIdentity('cat'),
    isAnew: false,
    wasLeft: false,
    checkpoint: written.checkpoint,
    finished: null,
    openSegments: [],
    scores: toPlain(written.scores),
  });
  const { epoch, sourceUri } = fileIdentity('cat');
  const segments = await journal.segments(epoch);
  expect(segments).toHaveLength(2);
  expect(segments[1]).toEqual({ ...written.segments[0], sourceUri, startTimeMs: null });
  expect(await journal.segments()).toEqual(segments);
  expect(toPlain(await journal.scores(epoch))).toEqual(toPlain(written.scores));
});

test('a live epoch in which no picture came does not hide the one before it, in which the stream goes on', async () => {
  await using journal = await openJournal({ path });
  const gate: StreamIdentity = { ...fileIdentity('gate'), kind: 'live', clock: 'receive', startTimeMs: 0 };
  const other = { ...gate, epoch: '00000000-0000-4000-8000-000000000002' };
  const newest = async () => (await journal.newestEpochs()).map(({ epoch }) => epoch);
  await journal.openEpoch(gate);
  await journal.openEpoch(other);
  expect(await newest()).toEqual([other.epoch]); // no picture came in either
  const checkpoint = { lastMs: 200, frameHash: 0, nextSequence: 2, smoother: {} };
  const { events, segments } = new EventWriter({ ...eventContext('gate'), identity: gate }).write(
    [started(0, 0)],
    0,
  );
  await journal.commit({ ...NOTHING, epoch: gate.epoch, events, segments, checkpoint });
  expect([await newest(), (await journal.segments()).length]).toEqual([[gate.epoch], 1]);
  await journal.commit({ ...NOTHING, epoch: other.epoch, checkpoint: { ...checkpoint, nextSequence: 1 } });
  expect([await newest(), (await journal.segments()).length]).toEqual([[other.epoch], 0]);
});

test('an epoch keeps the stream and source it was first opened with, and what is open in it', async () => {
  await using journal = await openJournal({ path });
  const identity = fileIdentity('cat');
  await journal.openEpoch(identity);
  const { events, segments } = new EventWriter(eventContext('cat')).write([started(0, 0)], 0);
  await journal.commit({ ...NOTHING, epoch: identity.epoch, events, segments });
  const held = await journal.openEpoch({
    ...identity,
    streamId: 'copy~0a1b2c3d',
    sourceUri: 'file:///copy.mp4',
  });
  expect(held.identity).toEqual(identity);
  expect(held.openSegments).toEqual([{ ...segments[0], sourceUri: identity.sourceUri, startTimeMs: null }]);
});

test('epochs are read apart or together, each in its own order', async () => {
  await using journal = await openJournal({ path });
  const [cat, dog] = [await Committer.open(journal, 'cat'), await Committer.open(journal, 'dog')];
  await Promise.all([cat.commit(), dog.commit(), cat.commit()]);
  const all = await journal.read(0, 100);
  expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  const ofCat = await journal.read(0, 100, fileIdentity('cat').epoch);
  expect(ofCat.map(({ event }) => event.sequence)).toEqual(
    [1, 2, 3, 4].map((n) => String(n).padStart(12, '0')),
  );
  expect(await journal.read(0, 2, fileIdentity('dog').epoch)).toHaveLength(2);
});

test('listeners are called once for a group, after it can be read', async () => {
  await using journal = await openJournal({ path });
  const committer = await Committer.open(journal, 'cat');
  const seen: Promise<number>[] = [];
  const stop = journal.onCommit(() => seen.push(journal.read(0, 100).then((rows) => rows.length)));
  await Promise.all([committer.commit(), committer.commit(), committer.commit()]);
  stop();
  await committer.commit();
  expect(await Promise.all(seen)).toEqual([6]);
});

test('an event is never stored twice, a number never left out, and nothing follows a commit that failed', async () => {
  await using journal = await openJournal({ path });
  const { epoch } = fileIdentity('cat');
  const [cat, dog] = [await Committer.open(journal, 'cat'), await Committer.open(journal, 'dog')];
  await cat.commit();
  const lost = cat.next();
  const results = await Promise.allSettled([cat.commit(), dog.commit(), journal.commit(lost)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect(results[0]).toMatchObject({
    reason: { message: expect.stringMatching(/number 5 came where 3 is due/), isOfStream: true },
  });
  expect(await journal.read(0, 100, epoch)).toHaveLength(2);

  await journal.openEpoch(fileIdentity('cat'));
  await journal.commit(lost);
  const again = { ...NOTHING, epoch, events: [endOf('cat', 'ended'), endOf('cat', 'ended')] };
  await expect(journal.commit(again)).rejects.toMatchObject({
    message: expect.stringMatching(/already holds an event of this id/),
    isOfStream: true,
  });
  expect(await journal.read(0, 100, epoch)).toHaveLength(4);
});

test('a checkpoint that does not go on where the events end is refused', async () => {
  await using journal = await openJournal({ path });
  const committer = await Committer.open(journal, 'cat');
  const commit = committer.next();
  const checkpoint = { ...commit.checkpoint!, nextSequence: 2 };
  await expect(journal.commit({ ...commit, checkpoint })).rejects.toThrow(/goes on at 2, not 3/);
  expect(await journal.read(0, 100)).toEqual([]);
});

test('a finished epoch says how it finished and takes no more, one not opened takes nothing', async () => {
  await using journal = await openJournal({ path });
  for (const [name, finished, state] of [
    ['cat', 'completed', 'ended'],
    ['dog', 'failed', 'failed'],
  ] as const) {
    const { epoch } = fileIdentity(name);
    const commit: Commit = { ...NOTHING, epoch, events: [endOf(name, state)] };
    await expect(journal.commit(commit)).rejects.toThrow(/is not open/);
    await journal.openEpoch(fileIdentity(name));
    await journal.commit({ ...commit, finished });
    expect((await journal.openEpoch(fileIdentity(name))).finished).toBe(finished);
    await expect(journal.commit({ ...NOTHING, epoch })).rejects.toThrow(new RegExp(`is ${finished}`));
  }
});

test('stream events of a source without an epoch are held once, and nothing else of it', async () => {
  await using journal = await openJournal({ path });
  const end = { ...fileIdentity('gone'), epoch: null, state: 'failed', cause: 'not-found' } as const;
  const commit = (nowMs: number) =>
    journal.commit({ ...NOTHING, epoch: null, events: [toStreamEvent('default', end, nowMs)] });
  await commit(1000);
  await commit(2000);
  const rows = await journal.read(0, 10, null);
  expect(rows.map(({ event }) => event.time)).toEqual(['1970-01-01T00:00:01.000Z']);
  const { events } = new EventWriter(eventContext('gone')).write([started(0, 0), ended(0, 0, 400)], 0);
  await expect(journal.commit({ ...NOTHING, epoch: null, events })).rejects.toThrow(/unnumbered/);
});

test('an event beyond 8 KiB is refused with what to do', async () => {
  await using journal = await openJournal({ path });
  const event = toStreamEvent(
    'default',
    { ...fileIdentity('cat'), sourceUri: 'x'.repeat(9000), state: 'ended' },
    0,
  );
  await expect(journal.commit({ ...NOTHING, epoch: null, events: [event] })).rejects.toMatchObject({
    message: expect.stringMatching(/8192 are allowed/),
    remedy: expect.stringMatching(/shorten/),
  });
});

test('closing waits for what is under way, then frees the file and leaves nothing beside it', async () => {
  const journal = await openJournal({ path });
  const committer = await Committer.open(journal, 'cat');
  const commits = Array.from({ length: 20 }, () => committer.commit());
  await journal[Symbol.asyncDispose]();
  await Promise.all(commits);
  expect(readdirSync(folder)).toEqual(['journal.db']);
  await expect(committer.commit()).rejects.toThrow(/is closed/);
  await using again = await openJournal({ path });
  expect(again.lastPosition).toBe(40);
});

test('a second opener is told which process holds the journal', async () => {
  await using journal = await openJournal({ path });
  expect(await refusalOf(openJournal({ path }))).toEqual({
    message: `the journal ${path} is in use by process ${process.pid}`,
    remedy: 'wait until it ends, or name another file with --journal',
  });
  await (await Committer.open(journal, 'cat')).commit();
  expect(journal.lastPosition).toBe(2);
});

test('who reads the file for a second keeps nobody from opening it', async () => {
  await (await openJournal({ path }))[Symbol.asyncDispose]();
  for (;;) {
    const { failure, heldMs } = await openWhileRead();
    if (failure === null) break;
    if (heldMs < 2000) throw failure;
    // it stood still, and so held the file for longer than whoever opens waits
  }
});

/** Opens the journal while another process reads it, for a second unless it is kept from ending; `failure`: it could not. */
async function openWhileRead(): Promise<{ readonly failure: unknown; readonly heldMs: number }> {
  const code = `const d = new (require('libsql'))(${JSON.stringify(path)});
    d.exec('BEGIN'); d.prepare('SELECT count(*) FROM events').get(); console.log('reading');
    setTimeout(() => d.exec('COMMIT'), 1000)`;
  const reader = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(reader, 'close');
  await Promise.race([once(reader.stdout, 'data'), ended]);
  const begunMs = performance.now();
  let failure: unknown = null;
  try {
    await using journal = await openJournal({ path });
    expect(journal.lastPosition).toBe(0);
  } catch (error) {
    failure = error;
  }
  await ended;
  return { failure, heldMs: performance.now() - begunMs };
}

test('a file that is no journal is refused and left as it is', async () => {
  writeFileSync(path, 'no database '.repeat(1000));
  expect((await refusalOf(openJournal({ path }))).message).toBe(
    `the journal ${path} is not a labelcast journal`,
  );
  const other = join(folder, 'other.db');
  const database = new Database(other);
  database.exec('CREATE TABLE orders (id INTEGER)');
  database.close();
  expect((await refusalOf(openJournal({ path: other }))).message).toMatch(/but not a labelcast journal$/);
  expect(readdirSync(folder).sort()).toEqual(['journal.db', 'other.db']);
});

test('a journal of a newer labelcast is refused', async () => {
  await (await openJournal({ path }))[Symbol.asyncDispose]();
  const code = `const d = new (require('libsql'))(${JSON.stringify(path)}); d.exec('PRAGMA user_version=999')`;
  expect(spawnSync(process.execPath, ['-e', code]).status).toBe(0);
  const { message, remedy } = await refusalOf(openJournal({ path }));
  expect(message).toMatch(/written by a newer labelcast \(version 999/);
  expect(remedy).toMatch(/update labelcast/);
});

test('a folder that is missing, or takes no files, is named with what to do', async () => {
  for (const bad of [join(folder, 'missing', 'journal.db'), '/proc/journal.db', folder]) {
    const { message, remedy } = await refusalOf(openJournal({ path: bad }));
    expect(message).toBe(`the journal ${bad} cannot be opened for writing`);
    expect(remedy).toMatch(/writable folder/);
  }
});

test('a full disk fails the commits with what to do, keeps those before, and goes on once there is space', async () => {
  const disk = openSmallDisk('400k');
  try {
    const file = join(disk.path, 'journal.db');
    let kept = 0;
    {
      await using journal = await openJournal({ path: file });
      const committer = await Committer.open(journal, 'cat');
      const failure = await (async () => {
        for (;;) {
          await committer.commit();
          kept += 2;
        }
      })().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        name: 'PublishError',
        message: `the journal ${file} cannot grow: its disk is full`,
        remedy: expect.stringMatching(/free space/),
        isOfStream: false,
      });
      expect(await journal.read(0, 10_000)).toHaveLength(kept);
      await expect(committer.commit()).rejects.toThrow(/its disk is full/);
    }
    expect(kept).toBeGreaterThan(0);
    disk.remount('size=8m');
    await using journal = await openJournal({ path: file });
    expect(journal.lastPosition).toBe(kept);
    await (await Committer.open(journal, 'cat')).commit();
    expect(await journal.read(0, 10_000)).toHaveLength(kept + 2);
  } finally {
    disk.unmount();
  }
});

test('a journal on a disk that takes no writes is refused', async () => {
  const disk = openSmallDisk('1m');
  try {
    const file = join(disk.path, 'journal.db');
    await (await openJournal({ path: file }))[Symbol.asyncDispose]();
    disk.remount('ro');
    for (const bad of [file, join(disk.path, 'new.db')]) {
      expect((await refusalOf(openJournal({ path: bad }))).message).toBe(
        `the journal ${bad} cannot be opened for writing`,
      );
    }
  } finally {
    disk.unmount();
  }
});

test('whatever the moment of a kill, the journal opens and holds whole commits, none acknowledged is missing', async () => {
  const committer = new URL('./committer.js', import.meta.url).href;
  const code = `import(${JSON.stringify(committer)}).then((m) => m.commitForEver(${JSON.stringify(path)}, 'cat'))`;
  let acknowledged = 0;
  for (let round = 0; round < 12; round++) {
    acknowledged = Math.max(acknowledged, await killWhileCommitting(code));
    await using journal = await openJournal({ path });
    const { epoch } = fileIdentity('cat');
    const { checkpoint, scores } = await journal.openEpoch(fileIdentity('cat'));
    const rows = await journal.read(0, 100_000, epoch);
    const sequences = rows.map(({ event }) => Number(event.sequence));
    expect(sequences).toEqual(sequences.map((_, n) => n + 1));
    expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
    expect(checkpoint?.nextSequence ?? 1).toBe(rows.length + 1);
    const segments = await journal.segments(epoch);
    expect(segments).toHaveLength(rows.length / 2);
    expect(segments.every(({ endMs }) => endMs !== null)).toBe(true);
    if (checkpoint !== null) expect(scores?.timesMs).toEqual([checkpoint.lastMs]);
  }
  expect(acknowledged).toBeGreaterThan(20);
});

/** Kills the writer while it writes what follows a random number of acknowledged commits. */
async function killWhileCommitting(code: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let output = '';
  const enough = 1 + Math.floor(Math.random() * 25);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > enough) child.kill('SIGKILL');
  });
  await exited;
  return Number(output.split('\n').at(-2) ?? 0);
}
