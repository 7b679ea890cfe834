// The ways that pixels could take from ffmpeg to the tagger, beside the one they take, in turn: a tagger without a model,
// cameras that decode nothing, two batches in flight. Frames a second, CPU a frame, event-loop delay of the main thread.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPictures } from './pixels/camera.js';
import type { Figures } from './pixels/measure.js';
import type { RunRequest } from './pixels/run.js';
import { median, range } from './pixels/summary.js';

const ROUNDS = Number(process.env['LABELCAST_BENCH_ROUNDS'] ?? 5);
const SECONDS = Number(process.env['LABELCAST_BENCH_SECONDS'] ?? 3);
const BATCHES = [1, 8, 32];
const cores = availableParallelism();
const cameras = Math.max(4, cores);
const RUN = new URL('./pixels/run.js', import.meta.url);
const REFERENCE = 'pipe';
const WAYS = [
  REFERENCE,
  ...[...new Set([1, 2, cores])].map((count) => `workers: ${count}`),
  'file in memory',
];

const folder = mkdtempSync(join('/dev/shm', 'labelcast-bench-'));

try {
  const pictures = renderPictures(folder);
  process.stdout.write(
    `${cpus()[0]!.model}, ${cores} cores; ${cameras} cameras; medians of ${ROUNDS} rounds\n`,
  );
  for (const batch of BATCHES) {
    // two batches in flight and one that gathers
    const slots = Math.ceil((3 * batch) / cameras) + 2;
    const runs = new Map(WAYS.map((way) => [way, [] as Figures[]]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of inTurn(WAYS, round)) {
        runs.get(way)!.push(measure({ way, pictures, folder, cameras, slots, batch, seconds: SECONDS }));
      }
    }
    report(batch, runs);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** In a process of its own, which is started as labelcast is. */
function measure(request: RunRequest): Figures {
  const args = ['--min-semi-space-size=16', fileURLToPath(RUN), JSON.stringify(request)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Figures;
}

/** Begins with another one each round. */
function inTurn<T>(all: readonly T[], round: number): T[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

function report(batch: number, runs: ReadonlyMap<string, readonly Figures[]>): void {
  const columns =
    'frames/s        range    ratio    range      CPU ms a frame: main thread, process  tagger  ffmpeg  delay p99 ms';
  process.stdout.write(`\nbatches of ${batch.toString().padEnd(6)}${columns}\n`);
  const reference = runs.get(REFERENCE)!;
  for (const [name, figures] of runs) {
    const rates = figures.map((one) => one.framesPerSecond);
    const ratios = rates.map((rate, round) => rate / reference[round]!.framesPerSecond);
    const middle = (of: keyof Figures, digits: number, width: number): string =>
      median(figures.map((one) => one[of]))
        .toFixed(digits)
        .padStart(width);
    const cpu = `${middle('mainThread', 3, 26)}${middle('mainProcess', 3, 11)}${middle('tagger', 3, 8)}${middle('cameras', 3, 8)}`;
    const rate = `${middle('framesPerSecond', 0, 8)}${range(rates, 0).padStart(14)}`;
    const ratio = `${median(ratios).toFixed(2).padStart(8)}${range(ratios, 2).padStart(13)}`;
    process.stdout.write(`${name.padEnd(17)}${rate}${ratio}${cpu}${middle('p99DelayMs', 2, 14)}\n`);
  }
}
