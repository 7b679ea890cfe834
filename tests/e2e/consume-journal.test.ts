import '../integration/publish/disposal.js';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import { openJournal } from '../../src/publish/journal.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { isClearError, labelcast, type Run } from './labelcast.js';

const folder = createFolder();
const journal = folder.file('out/journal.db');
/** The numbered events of the run, one a line. */
let lines: string[] = [];

beforeAll(async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('out'), '--json']);
  expect(run.status).toBe(0);
  const written = readFileSync(folder.file('out/events.ndjson'), 'utf8').split(/(?<=\n)/);
  lines = written.filter((line) => line.includes('"sequence":"'));
  expect(lines.length).toBeGreaterThan(10);
});
afterAll(() => folder.remove());

function consume(...args: readonly string[]): Promise<Run> {
  return labelcast(['consume', '--journal', ...args]);
}

test('consume reads a journal to its end, byte by byte as events.ndjson has it, with the same filters', async () => {
  expect(await consume(journal)).toMatchObject({ status: 0, stdout: lines.join(''), stderr: '' });
  const cats = await consume(
    journal,
    '--label',
    'cat',
    '--stream',
    /"streamId":"([^"]+)/.exec(lines[0]!)![1]!,
  );
  expect(cats.stdout).toBe(lines.filter((line) => line.includes('"subject":"cat"')).join(''));
  const table = await consume(journal, '--table');
  expect(table.stdout.split('\n')[0]).toMatch(
    /^\S+Z {2}demo\.mp4~\w{8} +\w+ +started +threshold +0:\d\d\.\d/,
  );
  expect(table.stdout.trimEnd().split('\n')).toHaveLength(lines.length);
});

test('filters take names separated by commas, and what matches nothing is told with what is there', async () => {
  const both = await consume(journal, '--label', 'cat,tie', '--label', 'cup');
  expect(both.stderr).toBe('');
  expect(both.stdout).toBe(lines.filter((line) => /"subject":"(?:cat|tie|cup)"/.test(line)).join(''));
  const typo = await consume(journal, '--label', 'dgo');
  expect([typo.status, typo.stdout]).toEqual([0, '']);
  expect(typo.stderr).toMatch(
    /^0 events match; streams seen: demo\.mp4~\w{8}; labels seen: bowl, cat, cup, dining table, person, spoon, tie\n$/,
  );
  const stream = await consume(journal, '--stream', 'gaet');
  expect(stream.stderr).toMatch(/^0 events match; streams seen: demo\.mp4~\w{8}\n$/);
});

test('a journal that another process holds, or that may not be written, is read and left as it is', async () => {
  await using _held = await openJournal({ path: journal });
  expect(await consume(journal)).toMatchObject({ status: 0, stdout: lines.join('') });
  mkdirSync(folder.file('backup'));
  copyFileSync(journal, folder.file('backup/journal.db'));
  chmodSync(folder.file('backup/journal.db'), 0o400);
  expect(await consume(folder.file('backup/journal.db'))).toMatchObject({
    status: 0,
    stdout: lines.join(''),
  });
  expect(readdirSync(folder.file('backup'))).toEqual(['journal.db']);
});

test('what is no journal is refused and left as it is', async () => {
  const missing = await consume(folder.file('none.db'));
  expect([missing.status, isClearError(missing.stderr, 'none.db is not there')]).toEqual([2, true]);
  expect(existsSync(folder.file('none.db'))).toBe(false);
  writeFileSync(folder.file('notes.txt'), 'nothing to read here\n'.repeat(100));
  const other = await consume(folder.file('notes.txt'));
  expect([other.status, isClearError(other.stderr, 'notes.txt is not a labelcast journal')]).toEqual([
    2,
    true,
  ]);
});

test('events that a journal lacks are told, and the exit status is 1', async () => {
  const database = new Database(journal);
  database.exec(`DELETE FROM events WHERE sequence IN (1, 3, 4, 7, ${lines.length})`);
  database.close();
  const run = await consume(journal);
  expect(run.status).toBe(1);
  expect(run.stdout.split('\n')).toHaveLength(lines.length - 5 + 1);
  const said = run.stderr.replaceAll(/^demo\.mp4~\w+: | \(epoch \S+\)/gm, '').split('\n');
  expect(said).toEqual([
    'event 1 is missing',
    'events 3 to 4 are missing',
    'event 7 is missing',
    `event ${lines.length} is missing`,
    'events: 5 missing',
    '',
  ]);
});
