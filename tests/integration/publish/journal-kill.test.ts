import './disposal.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import { JournalLabels } from '../../../src/consume/journal-labels.js';
import type { SequenceFinding } from '../../../src/consume/sequence-check.js';
import { openJournal } from '../../../src/publish/journal.js';
import { MIGRATIONS } from '../../../src/publish/journal-schema.js';
import { LiveCommitter, SetClock } from './live-committer.js';

const ROUNDS = 12;
const OLD = 6000;
const E1 = '01998000-0000-7000-8000-000000000001';
const folder = mkdtempSync(join(tmpdir(), 'labelcast-kill-'));
const main = join(process.cwd(), 'dist/src/cli/main.js');
const full = join(folder, 'full.db');
const old = join(folder, 'old.db');

/** One with 6,000 old events and some of today, and the same in the form of an older labelcast. */
beforeAll(async () => {
  const clock = new SetClock(Date.now() - 30 * 24 * 3_600_000);
  {
    await using journal = await openJournal({ path: full, now: clock.now });
    const gate = await LiveCommitter.open(journal, { streamId: 'gate', epoch: E1, clock });
    await gate.minutes(1);
  }
  fill(full, `SELECT json FROM events WHERE sequence = 1`);
  const database = new Database(old);
  database.exec(
    `${MIGRATIONS.slice(0, 2).join('\n')} PRAGMA application_id=0x4c434a31; PRAGMA user_version=2; PRAGMA journal_mode=WAL;`,
  );
  database.exec(`ATTACH '${full}' AS f; INSERT INTO epochs SELECT epoch, identity, checkpoint, last_sequence, finished FROM f.epochs;
    INSERT INTO events SELECT * FROM f.events; PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fill(path: string, json: string): void {
  const database = new Database(path);
  const now = Date.now();
  database.exec(`INSERT INTO events (epoch, sequence, id, committed_ms, json)
    WITH RECURSIVE n (n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM n WHERE n < ${OLD + 10})
    SELECT '${E1}', n, 'id' || n, iif(n <= ${OLD}, ${now - 20 * 24 * 3_600_000}, ${now}),
      json_set((${json}), '$.sequence', format('%012d', n), '$.data.sequence', n, '$.id', 'id' || n) FROM n;
    UPDATE epochs SET last_sequence = ${OLD + 10}, checkpoint = json_set(checkpoint, '$.nextSequence', ${OLD + 11});
    PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
}

/** How long a command takes; the kills come at random in that time. */
async function run(args: readonly string[], killAfterMs: number | null): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [main, 'journal', ...args], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  if (killAfterMs !== null) await wait(killAfterMs).then(() => child.kill('SIGKILL'));
  await exited;
  return performance.now() - begun;
}

/** What there is of the journal, whole: its first and last number, and what is missing in between. */
async function stateOf(path: string) {
  await using journal = await openJournal({ path }); // checks the pages
  const [numbers] = await journal.lastNumbers();
  const findings: SequenceFinding[] = [];
  const listener = {
    trouble: () => {},
    event: () => {},
    finding: (one: SequenceFinding) => void findings.push(one),
  };
  await new JournalLabels(listener).read(journal, new AbortController().signal);
  const rows = await journal.read(0, 2 * OLD, E1);
  const sequences = rows.flatMap(({ event }) =>
    event.sequence === undefined ? [] : [Number(event.sequence)],
  );
  return { first: numbers!.first, last: numbers!.sequence, held: sequences.length, findings };
}

test('whatever the moment at which purge is killed, nothing young is gone, and no number is missed', async () => {
  const path = join(folder, 'purged.db');
  const args = ['purge', path, '--retain-days', '14'];
  copyFileSync(full, path);
  const wholeMs = await run(args, null);
  expect(await stateOf(path)).toEqual({ first: OLD + 1, last: OLD + 10, held: 10, findings: [] });
  for (let round = 0; round < ROUNDS; round++) {
    copyFileSync(full, path);
    await run(args, wholeMs * (0.3 + 0.7 * Math.random()));
    const { first, last, held, findings } = await stateOf(path);
    expect({ last, held, findings }).toEqual({ last: OLD + 10, held: OLD + 11 - first, findings: [] });
    expect(first).toBeLessThanOrEqual(OLD + 1);
  }
  await run(args, null);
  expect(await stateOf(path)).toEqual({ first: OLD + 1, last: OLD + 10, held: 10, findings: [] });
});

test('whatever the moment at which migrate is killed, everything is there, and migrate brings it to its end', async () => {
  const path = join(folder, 'migrated.db');
  copyFileSync(old, path);
  const wholeMs = await run(['migrate', path], null);
  const everything = { first: 1, last: OLD + 10, held: OLD + 10, findings: [] };
  expect(await stateOf(path)).toEqual(everything);
  for (let round = 0; round < ROUNDS; round++) {
    copyFileSync(old, path);
    await run(['migrate', path], wholeMs * (0.3 + 0.7 * Math.random()));
    expect(await stateOf(path)).toEqual(everything);
  }
  await run(['migrate', path], null);
  expect(await stateOf(path)).toEqual(everything);
});
