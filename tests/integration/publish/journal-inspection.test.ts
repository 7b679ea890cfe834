import './disposal.js';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkJournal } from '../../../src/cli/doctor/check-journal.js';
import { openJournal } from '../../../src/publish/journal.js';
import { Committer } from './committer.js';
import { openSmallDisk } from './small-disk.js';

let folder: string;
let whole: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-inspection-'));
  whole = join(folder, 'whole.db');
  const journal = await openJournal({ path: whole });
  const stream = await Committer.open(journal, 'cat');
  for (let n = 0; n < 200; n++) await stream.commit();
  await journal[Symbol.asyncDispose]();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `status text; remedy` of a journal that a user named. */
async function look(path: string, isNamed = true): Promise<string> {
  const { status, text, remedy } = await checkJournal({ path, setting: '--journal' }, isNamed);
  return `${status} ${text}${remedy === null ? '' : `; ${remedy}`}`;
}

/** Runs SQL on a file, in a process of its own: closing it here would drop the locks of others. */
function execute(file: string, sql: string): void {
  const code = `new (require('libsql'))(${JSON.stringify(file)}).exec(${JSON.stringify(sql)})`;
  expect(spawnSync(process.execPath, ['-e', code]).status).toBe(0);
}

test('a whole journal is told with its size, and left as it is', async () => {
  const before = readFileSync(whole);
  expect(await look(whole)).toMatch(/^ok \S+whole\.db holds [1-9]\d* events, \d\.\d MiB; it is whole$/);
  expect(readFileSync(whole).equals(before)).toBe(true);
  expect(readdirSync(folder)).toEqual(['whole.db']);
});

test('one in use is looked at too, and whoever wants it meanwhile gets it', async () => {
  const used = join(folder, 'used.db');
  copyFileSync(whole, used);
  const code = `import(${JSON.stringify(new URL('../../../src/publish/journal.js', import.meta.url).href)})
    .then(({ openJournal }) => openJournal({ path: ${JSON.stringify(used)} })).then(() => console.log('open'))`;
  const looks = look(used);
  const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(owner, 'close');
  try {
    await once(owner.stdout, 'data');
    expect(await looks).toMatch(/it is whole/);
    expect(await look(used)).toMatch(
      new RegExp(
        `used\\.db holds [1-9]\\d* events, .*; it is whole; in use by process ${owner.pid}: no fault`,
      ),
    );
  } finally {
    owner.kill('SIGKILL');
    await ended;
  }
  expect(await look(used)).toMatch(/it is whole$/); // the owner it names is gone
  for (const name of readdirSync(folder)) if (name.startsWith('used')) rmSync(join(folder, name));
});

test('no lock of SQLite is taken: a journal locked for good is looked at all the same', async () => {
  const locked = join(folder, 'locked.db');
  copyFileSync(whole, locked);
  const code = `const d = new (require('libsql'))(${JSON.stringify(locked)});
    d.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => d, 1000)`;
  const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(owner, 'close');
  try {
    await once(owner.stdout, 'data');
    expect(await look(locked)).toMatch(/^ok \S+locked\.db holds [1-9]\d* events, .*; it is whole$/);
  } finally {
    owner.kill('SIGKILL');
    await ended;
  }
  for (const name of readdirSync(folder)) if (name.startsWith('locked')) rmSync(join(folder, name));
});

test('of one that is too large to be copied the header is read', async () => {
  const large = join(folder, 'large.db');
  copyFileSync(whole, large);
  truncateSync(large, 300 << 20);
  expect(await look(large)).toMatch(
    /^ok \S+large\.db has 300\.0 MiB: too large to be looked through, its header is that of a journal$/,
  );
  const file = openSync(large, 'r+');
  writeSync(file, Buffer.from([0, 0, 3, 231]), 0, 4, 60);
  expect(await look(large)).toMatch(/^fail the journal \S+large\.db was written by a newer labelcast/);
  writeSync(file, Buffer.alloc(4), 0, 4, 68);
  expect(await look(large)).toMatch(/^fail \S+large\.db is an SQLite file, but not a labelcast journal/);
  writeSync(file, Buffer.alloc(4), 0, 4, 0);
  closeSync(file);
  expect(await look(large)).toMatch(/^fail the journal \S+large\.db is not a labelcast journal/);
  rmSync(large);
});

test('one that is not there yet is not made', async () => {
  expect(await look(join(folder, 'new.db'))).toMatch(
    /^ok \S+new\.db is not there yet; its folder can be written$/,
  );
  expect(readdirSync(folder)).toEqual(['whole.db']);
});

test('one of a newer labelcast is told, and not changed', async () => {
  const newer = join(folder, 'newer.db');
  copyFileSync(whole, newer);
  execute(newer, 'PRAGMA user_version=999');
  const before = readFileSync(newer);
  expect(await look(newer)).toMatch(
    /^fail the journal \S+newer\.db was written by a newer labelcast .*; update labelcast, or .*--journal$/,
  );
  expect(readFileSync(newer).equals(before)).toBe(true);
});

test('a page that was overwritten is damage, though the file opens', async () => {
  const damaged = join(folder, 'damaged.db');
  const bytes = readFileSync(whole);
  writeFileSync(damaged, bytes.fill(0x5a, bytes.length / 2));
  expect(await look(damaged)).toMatch(
    /^fail the journal \S+damaged\.db is damaged \(.*page \d+.*\); put a backup in its place/,
  );
});

test('other files are told apart from journals', async () => {
  const [notes, orders, empty] = ['notes.db', 'orders.db', 'empty.db'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(notes, 'nothing to read here\n'.repeat(100));
  execute(orders, 'CREATE TABLE orders (id INTEGER)');
  writeFileSync(empty, '');
  const told = await Promise.all([notes, orders, empty].map((file) => look(file)));
  expect(told.map((text) => text.replace(`${folder}/`, ''))).toEqual([
    'fail the journal notes.db is not a labelcast journal; name another file with --journal',
    'fail orders.db is an SQLite file, but not a labelcast journal; name another file with --journal',
    'ok empty.db holds 0 events, 0.0 MiB; it is whole',
  ]);
});

test('a folder that is not there, or that nobody may write to, is a fault only for a journal that is wanted', async () => {
  const lost = join(folder, 'nope/j.db');
  expect(await look(lost)).toBe(
    `fail ${lost} cannot be written: the folder ${folder}/nope is not there; create the folder, give this user the right to write there, or name another file with --journal`,
  );
  expect(await look(lost, false)).toMatch(
    /^warn \S+ cannot be written: .* \(only serve would use it\); create/,
  );
  const disk = openSmallDisk('1m');
  disk.remount('ro');
  try {
    expect(await look(join(disk.path, 'j.db'))).toMatch(
      /^fail \S+j\.db cannot be written: this user may not write \S+; create/,
    );
  } finally {
    disk.unmount();
  }
});
