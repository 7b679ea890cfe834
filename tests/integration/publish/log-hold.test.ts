import './disposal.js';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openJournal } from '../../../src/publish/journal.js';
import { holdLog, isLogHeld } from '../../../src/publish/log-hold.js';
import { Committer } from './committer.js';

const MANY = 300;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-hold-'));
  path = join(folder, 'journal.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('while somebody copies a journal commits go to its log alone, and are folded in afterwards', async () => {
  await using journal = await openJournal({ path });
  const cat = await Committer.open(journal, 'cat');
  await cat.commit();
  const logBytes = (): number => statSync(`${path}-wal`).size;
  {
    using _hold = holdLog(path);
    await cat.commit();
    const before = readFileSync(path);
    for (let n = 0; n < MANY; n++) await cat.commit();
    expect(logBytes()).toBeGreaterThan(1100 * 4096); // SQLite folds 1000 pages in by itself
    expect(readFileSync(path).equals(before)).toBe(true);
  }
  expect(existsSync(`${path}-hold`)).toBe(false);
  const before = readFileSync(path);
  await cat.commit();
  await cat.commit();
  expect(readFileSync(path).equals(before)).toBe(false);
  expect(journal.lastPosition).toBe(2 * (MANY + 4));
});

test('who was killed while copying holds nothing for long, and nobody is asked who has no journal open', async () => {
  writeFileSync(`${path}-hold`, '');
  expect(isLogHeld(path)).toBe(true);
  const past = new Date(Date.now() - 60_000);
  utimesSync(`${path}-hold`, past, past);
  expect(isLogHeld(path)).toBe(false);
  rmSync(`${path}-hold`);
  using _hold = holdLog(path);
  expect(existsSync(`${path}-hold`)).toBe(false);
});
