import './disposal.js';
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openJournal } from '../../../src/publish/journal.js';
import { fileIdentity } from '../../unit/publish/samples.js';
import { Committer } from './committer.js';

const COMMITS = 12;
const HEADER_BYTES = 32;
const FRAME_BYTES = 4096 + 24;
const folder = mkdtempSync(join(tmpdir(), 'labelcast-torn-'));
const whole = join(folder, 'whole.db');
const torn = join(folder, 'torn.db');
let logBytes = 0;

/** As a power failure leaves it: the log is not folded in. */
beforeAll(async () => {
  const live = join(folder, 'live.db');
  await (await openJournal({ path: live }))[Symbol.asyncDispose]();
  await using journal = await openJournal({ path: live });
  const cat = await Committer.open(journal, 'cat');
  for (let n = 0; n < COMMITS; n++) await cat.commit();
  copyFileSync(live, whole);
  copyFileSync(`${live}-wal`, `${whole}-wal`);
  logBytes = statSync(`${whole}-wal`).size;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lays down the journal with another log, and resolves to how many of its commits are there, all of them whole. */
async function openTorn(harm: (log: string) => void): Promise<number> {
  copyFileSync(whole, torn);
  copyFileSync(`${whole}-wal`, `${torn}-wal`);
  harm(`${torn}-wal`);
  await using journal = await openJournal({ path: torn });
  const identity = fileIdentity('cat');
  const rows = await journal.read(0, 1000, identity.epoch);
  const sequences = rows.map(({ event }) => Number(event.sequence));
  expect(sequences).toEqual(sequences.map((_, n) => n + 1));
  const { checkpoint } = await journal.openEpoch(identity);
  expect(checkpoint?.nextSequence ?? 1).toBe(rows.length + 1);
  expect(await journal.segments(identity.epoch)).toHaveLength(rows.length / 2);
  // and it goes on
  await (await Committer.open(journal, 'cat')).commit();
  expect(journal.lastPosition).toBe(rows.length + 2);
  return rows.length / 2;
}

test('of a whole log every commit is there', async () => {
  expect(await openTorn(() => {})).toBe(COMMITS);
});

test('a log that is cut anywhere gives the commits before the cut, whole, and takes new ones', async () => {
  const counts: number[] = [];
  for (let bytes = 0; bytes <= logBytes; bytes += Math.ceil(logBytes / 40))
    counts.push(await openTorn((log) => truncateSync(log, bytes)));
  expect(counts.toSorted((a, b) => a - b)).toEqual(counts); // the more is left the more is there
  expect(counts[0]).toBe(0);
  expect(counts.at(-1)).toBeGreaterThan(COMMITS / 2);
  expect(new Set(counts).size).toBeGreaterThan(5);
});

test('a frame that is garbled ends the log there: in its page, its head or its check', async () => {
  const frames = Math.floor((logBytes - HEADER_BYTES) / FRAME_BYTES);
  const counts: number[] = [];
  for (let frame = 0; frame < frames; frame += Math.ceil(frames / 20)) {
    for (const offset of [0, 8, 16, 24, 2000]) {
      const at = HEADER_BYTES + frame * FRAME_BYTES + offset;
      counts.push(await openTorn((log) => garble(log, at)));
    }
  }
  expect(counts.toSorted((a, b) => a - b)).toEqual(counts);
  expect(counts[0]).toBe(0);
  expect(counts.at(-1)).toBeGreaterThan(COMMITS / 2);
});

test('a log whose head is garbled, or that is another file, holds nothing, and what was folded in before stays', async () => {
  expect(await openTorn((log) => garble(log, 4))).toBe(0);
  expect(await openTorn((log) => writeFileSync(log, 'no log '.repeat(1000)))).toBe(0);
});

function garble(file: string, at: number): void {
  const bytes = readFileSync(file);
  for (let n = at; n < at + 8; n++) bytes[n] = bytes[n]! ^ 0xff;
  writeFileSync(file, bytes);
}
