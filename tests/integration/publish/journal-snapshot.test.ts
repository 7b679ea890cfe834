import './disposal.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import { openJournal } from '../../../src/publish/journal.js';
import { openSnapshot } from '../../../src/publish/journal-snapshot.js';
import { createFolder } from '../../e2e/clips.js';
import { until } from '../../until.js';
import { identityOf, record } from '../report/report-journal.js';

const folder = createFolder();
afterAll(() => folder.remove());

const clip = identityOf('clip.mp4~0a1b2c3d', 'file:///videos/clip.mp4');

const temporary = folder.file('copies');
mkdirSync(temporary);

/** Positions of all events that a snapshot of the journal holds; a pair of them was committed with each segment. */
async function readPositions(file: string): Promise<number[]> {
  await using snapshot = await openSnapshot(file, temporary);
  const positions: number[] = [];
  for (;;) {
    const rows = await snapshot.journal.read(positions.at(-1) ?? 0, 500);
    if (rows.length === 0) break;
    positions.push(...rows.map(({ position }) => position));
  }
  const ended = (await snapshot.journal.segments()).filter(({ endMs }) => endMs !== null);
  expect(positions.length).toBeGreaterThanOrEqual(2 * ended.length);
  return positions;
}

function change(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

test('a journal in use is read as it is at the moment, and its holder goes on; no copy is left', async () => {
  const file = folder.file('held.db');
  await using journal = await openJournal({ path: file });
  await record(journal, { identity: clip, labels: ['cat'], segments: [[0, 0, 300]], lastMs: 400 });
  expect(await readPositions(file)).toEqual([1, 2]);
  const other = identityOf('other.mp4~11111111', 'file:///videos/other.mp4');
  await record(journal, { identity: other, labels: ['cat'], lastMs: 400, end: 'completed' });
  expect(await readPositions(file)).toEqual([1, 2, 3]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('while another process commits without end, each snapshot is whole and newer than the one before', async () => {
  const file = folder.file('busy.db');
  const committer = new URL('../publish/committer.js', import.meta.url).href;
  const code = `import(${JSON.stringify(committer)}).then((m) => m.commitForEver(${JSON.stringify(file)}, 'clip'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  try {
    let committed = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      committed = Math.max(committed, ...text.split('\n').map(Number));
    });
    let last = 0;
    for (let n = 0; n < 20; n++) {
      await until('one more commit', () => committed > last, { everyMs: 1 });
      const events = await readPositions(file);
      expect(events).toEqual(events.map((_, at) => at + 1));
      expect(events.length).toBeGreaterThan(last);
      last = events.length;
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  // what a killed writer left is whole too
  expect((await readPositions(file)).length).toBeGreaterThan(0);
});

test('reading changes nothing of the journal', async () => {
  const file = folder.file('still.db');
  const journal = await openJournal({ path: file });
  await record(journal, { identity: clip, labels: ['cat'], lastMs: 400, end: 'completed' });
  await journal[Symbol.asyncDispose]();
  const before = readFileSync(file);
  const names = readdirSync(folder.path);
  await readPositions(file);
  expect([readFileSync(file).equals(before), readdirSync(folder.path)]).toEqual([true, names]);
});

test('what cannot be read says which file, why and what to do, and leaves no copy', async () => {
  const failure = async (file: string) =>
    openSnapshot(file, temporary).then(
      () => null,
      (error: Error & { remedy?: string }) => [error.message, error.remedy],
    );
  const missing = folder.file('none.db');
  expect(await failure(missing)).toEqual([`the journal ${missing} is not there`, 'check the path']);
  const empty = folder.file('empty.db');
  writeFileSync(empty, '');
  const remedy = 'name a journal, or the folder of `labelcast tag -o`';
  expect(await failure(empty)).toEqual([`${empty} is empty`, remedy]);
  const film = folder.file('film.mp4');
  writeFileSync(film, 'no database '.repeat(100));
  expect(await failure(film)).toEqual([`${film} is not a labelcast journal`, remedy]);
  mkdirSync(folder.file('folder'));
  expect(await failure(folder.file('folder'))).toEqual([
    `the journal ${folder.file('folder')} cannot be read (EISDIR)`,
    'check the path',
  ]);
  const foreign = folder.file('foreign.db');
  change(foreign, 'CREATE TABLE notes (text TEXT)');
  expect(await failure(foreign)).toEqual([
    `${foreign} is an SQLite file, but not a labelcast journal`,
    'name another file',
  ]);
  const newer = folder.file('newer.db');
  await (await openJournal({ path: newer }))[Symbol.asyncDispose]();
  change(newer, 'PRAGMA user_version=99');
  expect(await failure(newer)).toEqual([
    expect.stringContaining(
      `the journal ${newer} was written by a newer labelcast (version 99 of its tables`,
    ),
    'update labelcast, or name another file',
  ]);
  expect(readdirSync(temporary)).toEqual([]);
});
