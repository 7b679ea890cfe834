import { execFile } from 'node:child_process';
import { openJournal } from '../../src/publish/journal.js';
import type { ReplayLoad } from '../replay/replay-load.js';

/** So old is what the purge finds. */
export const DATED_BACK_DAYS = 30;
const RETAIN_DAYS = 14;
const BACKUPS = 3;

/**
 * Backs the journal of a load up while it is written, sees that a purge is refused meanwhile, and purges it once the load has
 * stopped; the load goes on after that. `onwards`: resolves when it has for long enough. Resolves to a copy of the journal from
 * before the purge. Throws when a command does not do what docs/journal.md says, or a copy is not what the journal was.
 */
export async function upkeep(load: ReplayLoad, onwards: () => Promise<void>): Promise<string> {
  const { journal } = load;
  const copies = Array.from({ length: BACKUPS }, (_, n) => `${journal}-backup-${n + 1}.db`);
  for (const copy of copies) {
    await expectStatus(0, ['backup', copy, journal]);
    const { committed } = await load.until(() => true);
    await load.until((now) => now.committed > committed && now.pending === 0); // it goes on, and is delivered
  }
  const refused = await expectStatus(2, PURGE(journal));
  if (!refused.includes('is in use by process')) throw new Error(`a purge under load says: ${refused}`);
  await load.stop();
  const whole = `${journal}-whole.db`;
  await expectStatus(0, ['backup', whole, journal]);
  for (const copy of copies) await expectPrefix(copy, whole);
  await expectStatus(0, PURGE(journal));
  await expectPurged(journal, whole);
  await load.start();
  await onwards();
  return whole;
}

const PURGE = (journal: string): string[] => ['purge', journal, '--retain-days', String(RETAIN_DAYS)];

/** Runs `labelcast journal` as a user does; resolves to what it says. */
async function expectStatus(wanted: number, args: readonly string[]): Promise<string> {
  const { status, said } = await new Promise<{ status: number | null; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/src/cli/main.js', 'journal', ...args],
      (_, stdout, stderr) => resolve({ status: child.exitCode, said: stdout + stderr }),
    );
  });
  if (status !== wanted)
    throw new Error(`journal ${args.join(' ')} ends with ${status}, not ${wanted}: ${said}`);
  return said;
}

/** A copy opens, which checks its pages, and holds what the other one holds up to there, byte for byte. */
async function expectPrefix(copy: string, whole: string): Promise<void> {
  const [part, all] = [await readLines(copy), await readLines(whole)];
  if (part.length === 0 || part.some((line, n) => line !== all[n]))
    throw new Error(`${copy} with ${part.length} events is no beginning of ${whole} with ${all.length}`);
}

/** What is left, as the last event of each stream, is as it was. */
async function expectPurged(journal: string, whole: string): Promise<void> {
  const [left, all] = [await readLines(journal), new Set(await readLines(whole))];
  const strange = left.filter((line) => !all.has(line)).length;
  if (strange > 0 || left.length >= all.size / 2)
    throw new Error(
      `${journal} has ${left.length} of ${all.size} events after the purge, ${strange} changed`,
    );
}

async function readLines(file: string): Promise<string[]> {
  await using journal = await openJournal({ path: file });
  const rows = await journal.read(0, 1_000_000);
  return rows.map(({ position, json, committedMs }) => `${position} ${committedMs} ${json}`);
}
