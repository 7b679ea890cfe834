import '../integration/publish/disposal.js';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { openJournal } from '../../src/publish/journal.js';
import { MIGRATIONS } from '../../src/publish/journal-schema.js';
import { openSnapshot } from '../../src/publish/journal-snapshot.js';
import { Committer } from '../integration/publish/committer.js';
import { LiveCommitter, SetClock } from '../integration/publish/live-committer.js';
import { openSmallDisk } from '../integration/publish/small-disk.js';
import { until } from '../until.js';
import { createFolder } from './clips.js';
import { isClearError, labelcast, type Run } from './labelcast.js';

const DAY_MS = 24 * 3_600_000;
const E1 = '01998000-0000-7000-8000-000000000001';
const folder = createFolder();
let round = 0;
let path: string;
/** When the camera of the journal began: 30 days ago. */
let beginMs: number;

afterAll(() => folder.remove());

/** Five minutes of a camera 30 days ago and three of today, and a file. */
beforeEach(async () => {
  path = folder.file(`${++round}.db`);
  beginMs = Date.now() - 30 * DAY_MS;
  const clock = new SetClock(beginMs);
  await using journal = await openJournal({ path, now: clock.now });
  const gate = await LiveCommitter.open(journal, { streamId: 'gate', epoch: E1, clock });
  await gate.minutes(5);
  gate.skip(30 * 24 * 60 - 20);
  await gate.minutes(3);
  await (await Committer.open(journal, 'cat')).commit();
  await journal.moveCursor('main', { position: 11, cursor: '' });
});

const run = (...args: readonly string[]): Promise<Run> => labelcast(['journal', ...args]);

/** Lines, without what is another time in each run. */
function toTimeless(text: string): string[] {
  return text.split('\n').map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT\S+/g, 'TIME'));
}

async function eventsOf(file: string): Promise<string[]> {
  await using snapshot = await openSnapshot(file);
  return (await snapshot.journal.read(0, 1000)).map(({ json }) => json);
}

test('info tells what a journal holds, for people and for programs, also of one in use', async () => {
  await using _holder = await openJournal({ path });
  const { status, stdout, stderr } = await run('info', path);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(toTimeless(stdout)).toEqual([
    `journal     ${path}`,
    `in use      by process ${process.pid}`,
    `version     ${MIGRATIONS.length}`,
    expect.stringMatching(/^size {8}\d\.\d MiB, of which 0\.0 MiB are free; its log \d\.\d MiB$/),
    'streams     2 streams, 2 epochs',
    'events      19 events, TIME to TIME',
    'segments    9 segments, 0 open',
    'scores      9 minutes of curves',
    'sink        main has still to get 8 events, stands at 11',
    '',
  ]);
  const told = JSON.parse((await run('info', path, '--json')).stdout) as object;
  expect(told).toMatchObject({
    path,
    owner: process.pid,
    version: MIGRATIONS.length,
    events: 19,
    streams: 2,
    oldestTime: new Date(beginMs).toISOString(),
    wholeFromTime: null,
    sinks: [{ name: 'main', position: 11, pending: 8 }],
  });
});

test('the journal is that of the configuration, whose passwords are not asked for; its sinks are told apart', async () => {
  const config = folder.file('labelcast.yaml');
  const sinks = "[{ name: other, kafka: { brokers: ['${BROKER}'] } }]";
  writeFileSync(config, `journal: { path: ${path} }\nsinks: ${sinks}\n`);
  const { status, stdout } = await run('info', '-c', config);
  expect(status).toBe(0);
  expect(stdout).toContain('main has still to get 8 events, stands at 11; not in the configuration');
});

test('purge removes what is old and delivered; --dry-run only says so', async () => {
  const before = await eventsOf(path);
  const tried = await run('purge', path, '--retain-days', '14', '--dry-run');
  expect(tried).toMatchObject({ status: 0, stdout: '' });
  expect(toTimeless(tried.stderr)).toEqual([
    'events      10 events from before TIME would be removed',
    'segments    5 segments from before TIME would be removed',
    expect.stringMatching(/^size {8}\S+ MiB would become \S+ MiB$/),
    'sink        main has still to get 8 events, which stay',
    '',
  ]);
  expect(await eventsOf(path)).toEqual(before);

  const { status, stderr } = await run('purge', path, '--retain-days', '14', '--retain-scores-hours', '24');
  expect(status).toBe(0);
  expect(toTimeless(stderr).slice(0, 3)).toEqual([
    'events      10 events from before TIME are removed',
    'segments    5 segments from before TIME are removed',
    'scores      5 minutes of curves from before TIME are removed',
  ]);
  expect(await eventsOf(path)).toEqual([before[0], ...before.slice(11)]);
  const consumed = await labelcast(['consume', '--journal', path]);
  expect([consumed.status, consumed.stderr]).toEqual([0, '']);
  expect(JSON.parse((await run('info', path, '--json')).stdout)).toMatchObject({
    events: 9,
    wholeFromTime: expect.stringMatching(/Z$/),
  });
  const report = await labelcast(['report', path, '-f', 'json']);
  expect(report.stderr).toMatch(/^gate: what was before \S+Z is no longer in the journal\n/);
});

test('purge by a configuration keeps what its sinks have not got, and asks what is old otherwise', async () => {
  const config = folder.file('purge.yaml');
  writeFileSync(
    config,
    `journal: { path: ${path}, retainDays: 2 }\nsinks: [{ name: new, ndjson: { path: x } }]\n`,
  );
  const held = await run('purge', '-c', config);
  expect(held.stderr).toMatch(/^events {6}0 events .*\nsegments {4}5 segments /);
  expect(held.stderr).toContain('sink        new has not begun yet, so that every event stays\n');
  const unsaid = await run('purge', path);
  expect(unsaid).toMatchObject({ status: 2, stdout: '' });
  expect(unsaid.stderr).toMatch(/^error: nothing says what is old; name a configuration with -c FILE/);
});

test('purge and migrate leave a journal in use alone, and name who has it', async () => {
  await using _holder = await openJournal({ path });
  for (const args of [
    ['purge', path, '--retain-days', '1'],
    ['migrate', path],
  ]) {
    const { status, stderr } = await run(...args);
    expect([status, stderr]).toEqual([
      2,
      `error: the journal ${path} is in use by process ${process.pid}; stop it first\n`,
    ]);
  }
});

test('backup copies a journal as one whole file, and replaces another only when it is told to', async () => {
  const target = folder.file(`backup-${round}.db`);
  const first = await run('backup', target, path);
  expect([first.status, first.stdout]).toEqual([0, '']);
  expect(first.stderr).toMatch(new RegExp(`^written: ${target}, 19 events, \\d\\.\\d MiB\n$`));
  expect(await eventsOf(target)).toEqual(await eventsOf(path));
  const names = readdirSync(folder.path).filter(
    (name) => name.startsWith('backup-') || name.includes('journal-'),
  );
  expect(names).toEqual([`backup-${round}.db`]);

  const bytes = readFileSync(target);
  const refused = await run('backup', target, path);
  expect([refused.status, refused.stderr]).toEqual([
    2,
    `error: ${target} is there already; name another file, or add --force\n`,
  ]);
  expect(readFileSync(target).equals(bytes)).toBe(true);
  expect((await run('purge', path, '--retain-days', '14')).status).toBe(0);
  expect((await run('backup', target, path, '--force')).status).toBe(0);
  expect(await eventsOf(target)).toHaveLength(9);
  expect((await run('backup', path, path, '--force')).stderr).toContain('is the journal itself');
  const nowhere = await run('backup', folder.file('nowhere/monday.db'), path);
  expect([nowhere.status, nowhere.stderr]).toEqual([
    2,
    `error: the folder ${folder.file('nowhere')} is not there; make it, or name a file in another one\n`,
  ]);
  const linked = folder.file(`linked-${round}.db`);
  linkSync(path, linked);
  expect((await run('backup', linked, path, '--force')).stderr).toContain('is the journal itself');
  // what a killed service leaves beside its journal would be read into the copy
  writeFileSync(`${target}-wal`, 'commits');
  const log = await run('backup', target, path, '--force');
  expect([log.status, log.stderr]).toEqual([
    2,
    expect.stringContaining(`${target}-wal, which does not belong`),
  ]);
  expect(await eventsOf(target)).toHaveLength(9);
});

test('a backup that is put back begins new epochs of cameras, as the numbers after it are taken; files go on', async () => {
  const target = folder.file(`back-${round}.db`);
  expect((await run('backup', target, path)).status).toBe(0);
  for (const [file, isGoneOn] of [
    [path, true],
    [target, false],
  ] as const) {
    await using journal = await openJournal({ path: file });
    expect((await journal.lastEpoch('gate')) !== null).toBe(isGoneOn);
    await (await Committer.open(journal, 'cat')).commit();
    expect(journal.lastPosition).toBe(21);
  }
});

test('a backup under load is a journal of one moment, and whoever writes goes on', async () => {
  await using journal = await openJournal({ path });
  const dog = await Committer.open(journal, 'dog');
  let isOver = false;
  let commits = 0;
  const writing = (async () => {
    for (; !isOver; commits++) await dog.commit();
  })();
  const counts: number[] = [];
  try {
    for (let n = 0; n < 3; n++) {
      const since = commits;
      const target = folder.file(`load-${n}.db`);
      const { status, stderr } = await run('backup', target, path);
      expect([status, stderr]).toEqual([0, expect.stringContaining('written')]);
      const sequences = (await eventsOf(target)).map(
        (json) => JSON.parse(json) as { sequence?: string; source: string },
      );
      const own = sequences
        .filter(({ source }) => source.includes('dog'))
        .map(({ sequence }) => Number(sequence));
      expect(own).toEqual(own.map((_, at) => at + 1));
      counts.push(own.length);
      await until('commits went on', () => commits > since);
    }
  } finally {
    isOver = true;
    await writing;
  }
  expect(counts.toSorted((a, b) => a - b)).toEqual(counts);
  expect(existsSync(`${path}-hold`)).toBe(false);
});

/** A journal of the tables before the newest. */
function layOld(file: string, events: readonly string[]): void {
  const database = new Database(file);
  const marks = 'PRAGMA application_id=0x4c434a31; PRAGMA user_version=2;';
  database.exec(`${MIGRATIONS.slice(0, 2).join('\n')} ${marks} BEGIN;`);
  const add = database.prepare('INSERT INTO events (id, committed_ms, json) VALUES (?, 1, ?)');
  for (const [n, json] of events.entries()) add.run([`id ${n}`, json]);
  database.exec('COMMIT');
  database.close();
}

test('migrate brings a journal of an older labelcast to the newest form, with everything in it', async () => {
  const old = folder.file('old.db');
  const events = await eventsOf(path);
  layOld(old, events);
  const before = await run('info', old);
  expect(before.stdout).toMatch(
    /version {5}2; labelcast journal migrate makes it 4, which gives space back\n/,
  );
  const { status, stderr } = await run('migrate', old);
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(
      /old\.db: version 2 is now 4; \S+ MiB became \S+ MiB, and space is given back from now on\n$/,
    ),
  ]);
  expect(await eventsOf(old)).toEqual(events);
  expect((await run('migrate', old)).stderr).toMatch(
    /: version 4 is the newest; it gives space back already\n$/,
  );
});

test('migrate needs room beside the journal alone, whatever TMPDIR has', async () => {
  const old = folder.file('large.db');
  const json = JSON.stringify({ padding: 'x'.repeat(8000) });
  layOld(
    old,
    Array.from({ length: 2000 }, () => json),
  );
  const temporary = openSmallDisk('64k');
  temporary.fill();
  const env = { TMPDIR: temporary.path };
  const done = await labelcast(['journal', 'migrate', old], { env }).finally(() => temporary.unmount());
  expect([done.status, done.stderr]).toEqual([
    0,
    expect.stringMatching(/version 2 is now 4; 1\d\.\d MiB became/),
  ]);
});

test('a damaged page is told by every command that meets it, with the file, the page and what to do', async () => {
  const backup = folder.file('good.db');
  expect((await run('backup', backup, path)).status).toBe(0);
  const damaged = folder.file('damaged.db');
  const bytes = readFileSync(backup);
  writeFileSync(damaged, bytes.fill(0x5a, 4096 * Math.floor(bytes.length / 8192)));
  const config = folder.file('damaged.yaml');
  writeFileSync(
    config,
    `journal: { path: ${damaged} }\nhttp: { port: 0 }\nstreams: [{ id: a, url: 'rtsp://127.0.0.1:1/a' }]\n`,
  );
  const out = folder.file('out');
  mkdirSync(out, { recursive: true });
  const runs = [
    ['journal', 'info', damaged],
    ['journal', 'backup', folder.file('never.db'), damaged],
    ['journal', 'purge', damaged, '--retain-days', '1'],
    ['journal', 'migrate', damaged],
    ['consume', '--journal', damaged],
    ['report', damaged, '-o', out],
    ['tag', 'demo/demo.mp4', '--journal', damaged],
    ['serve', '-c', config],
  ];
  for (const args of runs) {
    const { status, stderr } = await labelcast(args);
    expect([args[0], args[1], status]).toEqual([args[0], args[1], 2]);
    expect(stderr).toMatch(/the journal \S+damaged\.db is damaged \(.*page.*\); put a backup in its place/);
    expect(isClearError(stderr, 'damaged.db')).toBe(true);
  }
  expect(existsSync(folder.file('never.db'))).toBe(false);
  expect(statSync(damaged).size).toBe(bytes.length);
});

test('what is no journal is told as such', async () => {
  const notes = folder.file('notes.txt');
  writeFileSync(notes, 'notes '.repeat(100));
  const foreign = folder.file('foreign.db');
  const other = new Database(foreign);
  other.exec('CREATE TABLE a (b)');
  other.close();
  const backup = await run('backup', folder.file('never-2.db'), foreign);
  expect([backup.status, backup.stderr]).toEqual([
    2,
    `error: ${foreign} is an SQLite file, but not a labelcast journal; name another file\n`,
  ]);
  for (const action of ['info', 'migrate']) {
    const { status, stderr } = await run(action, notes);
    expect([status, stderr]).toEqual([
      2,
      `error: ${notes} is not a labelcast journal; name a journal, or the folder of \`labelcast tag -o\`\n`,
    ]);
  }
  const missing = await run('purge', folder.file('none.db'), '--retain-days', '1');
  expect(missing.stderr).toMatch(/none\.db is not there; check the path\n$/);
  expect(existsSync(folder.file('none.db'))).toBe(false);
});

test('skip leaves out an event for a sink that has not got it, and says what it cannot skip', async () => {
  const events = (await eventsOf(path)).map((json) => JSON.parse(json) as { id: string; type: string });
  const [early, late] = [events[5]!, events[12]!];
  const done = await run('skip', late.id, path, '--sink', 'main', '--reason', 'too large');
  expect([done.status, done.stderr]).toEqual([
    0,
    `skipped for main: ${late.type} of gate; io.labelcast.event.lost.v1 takes its place\n`,
  ]);
  const refused = [
    [early.id, 'main', `the sink main has event ${early.id} already; copy the id`],
    ['none', 'main', 'holds no event none; copy the id'],
    [late.id, 'other', 'has never had a sink other; name one of those it has had\n  - main\n'],
  ] as const;
  for (const [id, sink, message] of refused) {
    const { status, stderr } = await run('skip', id, path, '--sink', sink);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});

test('rewind has a sink get again what was committed since, and only what it had', async () => {
  const sinceMs = beginMs + 3 * 60_000;
  const time = new Date(sinceMs).toISOString();
  const { status, stderr } = await run('rewind', path, '--sink', 'main', '--to', time);
  // positions: online 1, minutes 2 to 11, of which the third ends at the time
  expect([status, stderr]).toEqual([0, 'rewound: sink main gets 14 events from the next start on\n']);
  expect(JSON.parse((await run('info', path, '--json')).stdout)).toMatchObject({
    sinks: [{ name: 'main', position: 5, pending: 14 }],
  });
  const late = await run('rewind', path, '--sink', 'main', '--to', new Date().toISOString());
  expect([late.status, late.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^error: the sink main has still to get all that was committed at \S+ or later; it comes with the next start; to go back further, name an earlier time\n$/,
    ),
  ]);
  expect((await run('purge', path, '--retain-days', '14', '-c', layConfig())).status).toBe(0);
  const old = await run('rewind', path, '--sink', 'main', '--to', '2020-01-01');
  expect(old.stderr).toContain('events were removed with age since then: they do not come again\n');
  for (const to of ['yesterday', '2026-02-30']) {
    const wrong = await run('rewind', path, '--sink', 'main', '--to', to);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('Write it as 2026-01-05T10:00:00Z'),
    ]);
  }

  /** Without sinks, so that nothing waits for them. */
  function layConfig(): string {
    const config = folder.file('rewind.yaml');
    writeFileSync(config, `journal: { path: ${path} }\n`);
    return config;
  }
});
