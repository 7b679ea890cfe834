import '../integration/publish/disposal.js';
import type { ChildProcess } from 'node:child_process';
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
import { EventWriter } from '../../src/publish/event-writer.js';
import { openJournal } from '../../src/publish/journal.js';
import type { LabelEvent } from '../../src/types.js';
import { ended, eventContext, started } from '../unit/publish/samples.js';
import { until } from '../until.js';
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

function toLive(streamId: string) {
  const context = eventContext(streamId);
  const identity = { ...context.identity, streamId, kind: 'live', clock: 'receive', startTimeMs: 0 } as const;
  const transitions = [started(0, 0), ended(0, 0, 2000)];
  return {
    ...new EventWriter({ ...context, identity }).write(transitions, 0),
    context: { ...context, identity },
  };
}

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

test('CSV has a line for each event, and scores and times choose', async () => {
  const csv = await consume(journal, '--format', 'csv');
  const rows = csv.stdout.trimEnd().split('\r\n');
  expect(rows[0]).toBe(
    'time,stream,label,phase,reason,startMs,endMs,startTime,endTime,current,peak,mean,sequence,epoch,segmentId,id',
  );
  expect(rows.slice(1).map((row) => row.split(',').at(-1))).toEqual(
    lines.map((line) => (JSON.parse(line) as { id: string }).id),
  );
  expect(rows.at(-1)).toMatch(/^\S+Z,demo\.mp4~\w{8},,completed(?:,){9}\d+,[\w-]{36},,[\w-]{36}$/);
  expect((await consume(journal, '--label', 'dog', '--format', 'csv')).stdout).toBe(`${rows[0]}\r\n`);
  const peakOf = (line: string) => (JSON.parse(line) as LabelEvent).data.score?.peak ?? 0;
  const high = await consume(journal, '--min', '0.9', '--format', 'json');
  expect(high.stdout).toBe(lines.filter((line) => peakOf(line) >= 0.9).join(''));
  expect(high.stdout).not.toBe('');
  const peak = Math.max(...lines.map(peakOf));
  const none = await consume(journal, '--min', '1');
  expect([none.stdout, none.stderr]).toEqual(['', `0 events match: the highest score is ${peak}\n`]);
  expect((await consume(journal, '--since', '1h')).stdout).toBe(lines.join(''));
  expect(await consume(journal, '--since', '2099-01-01')).toMatchObject({ status: 0, stdout: '' });
});

test('a folder that holds a journal names it', async () => {
  expect(await consume(folder.file('out'))).toMatchObject({ status: 0, stdout: lines.join('') });
  expect(await consume(folder.file('out'), '--state')).toMatchObject({
    status: 0,
    stderr: 'no label holds now\n',
  });
  mkdirSync(folder.file('nothing'));
  for (const more of [[], ['--state']])
    expect(await consume(folder.file('nothing'), ...more)).toMatchObject({
      status: 2,
      stderr: `error: there is no journal in ${folder.file('nothing')} (journal.db or labelcast.db); name one, or the folder of \`labelcast tag -o\`\n`,
    });
});

test('a journal in use is followed until Ctrl-C', async () => {
  await using held = await openJournal({ path: folder.file('followed.db') });
  const { events, context } = toLive('gate-2');
  const { epoch } = (await held.openEpoch(context.identity)).identity;
  const commit = (n: number) =>
    held.commit({ epoch, events: [events[n]!], segments: [], scores: [], checkpoint: null });
  await commit(0);
  let child: ChildProcess | undefined;
  let text = '';
  const following = labelcast(['consume', '--journal', folder.file('followed.db'), '--follow', '--json'], {
    onStart: (started) => {
      child = started;
      started.stdout!.on('data', (more: string) => (text += more));
    },
  });
  await until('the first event', () => text.split('\n').length === 2);
  await commit(1);
  await until('the second event', () => text.split('\n').length === 3);
  child!.kill('SIGINT');
  const stdout = events.slice(0, 2).map((event) => `${JSON.stringify(event)}\n`);
  expect(await following).toMatchObject({ status: 130, stdout: stdout.join(''), stderr: '' });
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
  // no heading of a table that there is not
  expect((await consume(folder.file('none.db'), '--format', 'csv')).stdout).toBe('');
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
