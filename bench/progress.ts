// What the progress on a terminal costs: CPU seconds of whole runs with it and without, in turn, on a real terminal.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderClip720p } from './clip-720p.js';
import { atMost, heading, range, row } from './live/table.js';

const ROUNDS = Number(process.env['LABELCAST_BENCH_ROUNDS'] ?? 9);
const CLIP_SECONDS = 120;
const MOST = 0.01;
const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));

/** User and system time of a run with all its children, as bash counts it, and the bytes that the terminal got. */
function measure(clip: string, flags: string): { readonly cpuSeconds: number; readonly shownBytes: number } {
  const used = join(folder, 'used');
  const tag = `'${process.execPath}' dist/src/cli/main.js tag '${clip}' --table ${flags}`;
  const script = `TIMEFORMAT='%U %S'; { time ${tag} >/dev/null 2>&4; } 4>&2 2>'${used}'`;
  const args = ['tests/services/pty_run.py', '100', '30', 'bash', '-c', script];
  const { status, stdout } = spawnSync('python3', args, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  if (status !== 0) throw new Error(`labelcast tag ended with ${String(status)}: ${stdout.toString()}`);
  const [user, system] = readFileSync(used, 'utf8').trim().split(' ').map(Number) as [number, number];
  return { cpuSeconds: user + system, shownBytes: stdout.length };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

try {
  heading(
    `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}; a 720p file of ${CLIP_SECONDS} s`,
  );
  const clip = renderClip720p(folder, CLIP_SECONDS);
  const pairs = Array.from(
    { length: ROUNDS },
    () => [measure(clip, ''), measure(clip, '--no-progress')] as const,
  );
  const figure = (values: readonly number[], digits: number) =>
    `${median(values).toFixed(digits)} (${range(values, digits)})`;
  row(
    'CPU s of a run with progress',
    figure(
      pairs.map(([shown]) => shown.cpuSeconds),
      2,
    ),
  );
  row(
    'CPU s of a run without',
    figure(
      pairs.map(([, plain]) => plain.cpuSeconds),
      2,
    ),
  );
  row('bytes on the terminal, with and without', pairs[0]!.map(({ shownBytes }) => shownBytes).join(', '));
  const shares = pairs.map(([shown, plain]) => shown.cpuSeconds / plain.cpuSeconds - 1);
  row('more CPU with progress, pair by pair', figure(shares, 4), atMost(median(shares), MOST, ''));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
