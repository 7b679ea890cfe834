import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const COMMITS = 30;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-power-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What was asked of the system for the log of a journal, and for standard output, in order: one letter a call. */
async function traceCommits(): Promise<string> {
  const trace = join(folder, 'trace');
  const committer = JSON.stringify(new URL('./committer.js', import.meta.url).href);
  const args = [JSON.stringify(join(folder, 'journal.db')), "'cat'", COMMITS].join(', ');
  const code = `import(${committer}).then((m) => m.commitSome(${args}))`;
  const calls = ['-f', '-qq', '-y', '-e', 'trace=pwrite64,fsync,fdatasync,write', '-o', trace];
  const child = spawn('strace', [...calls, process.execPath, '-e', code], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  expect(status).toBe(0);
  return readFileSync(trace, 'utf8').split('\n').map(toLetter).join('');
}

/** `w`: written to the log; `s`: the log is on the disk; `a`: a commit is acknowledged. A call that another thread interrupts counts where it begins, a sync where it ends. */
function toLetter(line: string): string {
  if (/^\d+\s+write\(1</.test(line)) return 'a';
  if (/pwrite64\(\d+<[^>]*journal\.db-wal>/.test(line)) return 'w';
  if (/f(?:data)?sync\(\d+<[^>]*journal\.db-wal>\) = 0/.test(line)) return 's';
  return /<\.\.\. f(?:data)?sync resumed>\) += 0/.test(line) ? 's' : '';
}

test('a commit is acknowledged only when the disk has said that it has the log', async () => {
  const letters = await traceCommits();
  const commits = letters.split('a').slice(0, -1);
  expect(commits).toHaveLength(COMMITS);
  // each writes, syncs, and writes nothing behind that
  expect(commits.filter((one) => !/ws+$/.test(one))).toEqual([]);
});
