// End to end against the limit of the machine, on one 720p file sampled at 5 of 30 frames a second:
//   limit = cores ÷ (CPU seconds per frame of `ffmpeg -threads 1` to the same pixels + of ONNX Runtime with one thread)
// Five interleaved runs of each; also the main process's event-loop delay and memory, and the time to the first frame.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { ModelInput } from '../src/types.js';
import { renderClip720p } from './clip-720p.js';
import { toRawFrames } from './common/raw-frames.js';

const ROUNDS = Number(process.env['LABELCAST_BENCH_ROUNDS'] ?? 5);
const CLIP_SECONDS = 240;
const FPS = 5;
const MODEL = 'model/sgfn-nano-coco80';
const { input, files } = JSON.parse(readFileSync(join(MODEL, 'manifest.json'), 'utf8')) as {
  input: ModelInput;
  files: { fp32: { path: string } };
};
const FILE_BATCH = 1; // what the tagger uses for files on a CPU
const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));

interface Tagged {
  readonly seconds: number;
  readonly firstFrameSeconds: number;
  readonly frames: number;
  readonly p99DelayMs: number;
  readonly rssMiB: readonly number[];
}

/** CPU seconds per scored frame of ffmpeg alone, from its own accounting. */
function measureDecode(clip: string): number {
  const args = ['-v', 'info', '-benchmark', '-nostdin', '-threads', '1', '-filter_threads', '1', '-i', clip];
  const output = toRawFrames(input, FPS);
  const text = execFileSync('bash', ['-c', '"$@" 2>&1', 'sh', 'ffmpeg', ...args, ...output], {
    encoding: 'utf8',
  });
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(text)!;
  return (Number(user) + Number(system)) / (CLIP_SECONDS * FPS);
}

function measureInference(): number {
  const args = [
    'dist/bench/bare-onnx.js',
    join(MODEL, files.fp32.path),
    input.width,
    input.height,
    FILE_BATCH,
    200,
  ];
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  const text = execFileSync(process.execPath, args.map(String), { encoding: 'utf8', env });
  return (JSON.parse(text) as { cpuSeconds: number }).cpuSeconds;
}

/** One run of `labelcast tag` as a user starts it. */
async function measureTag(sources: readonly string[], flags: readonly string[] = []): Promise<Tagged> {
  const report = join(folder, 'probe.json');
  const started = performance.now();
  const args = [
    '--min-semi-space-size=16', // as in the first line of main.ts
    '--import',
    './dist/bench/probe.js',
    'dist/src/cli/main.js',
    'tag',
    ...sources,
    '--json',
    '--log-level',
    'debug',
  ];
  const child = spawn(process.execPath, [...args, '--log-format', 'json', ...flags], {
    env: { ...process.env, LABELCAST_BENCH_PROBE: report },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let firstFrameMs: number | null = null;
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (firstFrameMs === null && log.includes('first frame scored')) firstFrameMs = performance.now();
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  const ended = performance.now();
  if (status !== 0 || firstFrameMs === null)
    throw new Error(`labelcast tag ended with ${String(status)}:\n${log}`);
  const frames = [...log.matchAll(/"frames":(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  const probe = JSON.parse(readFileSync(report, 'utf8')) as Pick<Tagged, 'p99DelayMs' | 'rssMiB'>;
  return {
    seconds: (ended - started) / 1e3,
    firstFrameSeconds: (firstFrameMs - started) / 1e3,
    frames,
    ...probe,
  };
}

function summary(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, middle, high] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${middle.toFixed(digits).padStart(8)}   ${low.toFixed(digits)} – ${high.toFixed(digits)}`;
}

function line(name: string, values: readonly number[], digits: number): void {
  process.stdout.write(`${name.padEnd(62)}${summary(values, digits)}\n`);
}

try {
  const cores = availableParallelism();
  process.stdout.write(
    `${cpus()[0]!.model.trim()}, ${cores} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
  );
  const clip = renderClip720p(folder, CLIP_SECONDS);
  const decode: number[] = [];
  const inference: number[] = [];
  const tagged: Tagged[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    decode.push(measureDecode(clip));
    inference.push(measureInference());
    tagged.push(await measureTag([clip]));
  }
  const limits = decode.map((seconds, n) => cores / (seconds + inference[n]!));
  const steady = tagged.map((run) => run.frames / (run.seconds - run.firstFrameSeconds));
  const whole = tagged.map((run) => run.frames / run.seconds);
  process.stdout.write(`${''.padEnd(62)}  median   range of ${ROUNDS}\n`);
  line(
    'decode to pixels alone, CPU ms per scored frame',
    decode.map((s) => s * 1e3),
    2,
  );
  line(
    'ONNX Runtime alone, CPU ms per frame',
    inference.map((s) => s * 1e3),
    2,
  );
  line('limit, frames/s', limits, 1);
  line('labelcast tag, frames/s from the first scored frame to exit', steady, 1);
  line('labelcast tag, frames/s, start-up included', whole, 1);
  line(
    'efficiency (frames/s ÷ limit)',
    steady.map((rate, n) => rate / limits[n]!),
    3,
  );
  line(
    'efficiency, start-up included',
    whole.map((rate, n) => rate / limits[n]!),
    3,
  );
  line(
    'start to first scored frame, s',
    tagged.map((run) => run.firstFrameSeconds),
    2,
  );
  line(
    'event-loop delay of the main process, p99, ms',
    tagged.map((run) => run.p99DelayMs),
    2,
  );

  const copies = Array.from({ length: 8 }, (_, n) => {
    // a different end makes each a stream of its own: copies of one content are tagged once
    const copy = join(folder, `side-by-side-${n}.mp4`);
    execFileSync('ffmpeg', ['-v', 'error', '-i', clip, '-t', String(30 + n), '-c', 'copy', '-y', copy]);
    return copy;
  });
  const config = join(folder, 'labelcast.yaml');
  writeFileSync(config, 'files: { parallel: 8 }\n');
  const eight = await measureTag(copies, ['-c', config]);
  line('8 files side by side: memory of the main process, MiB, peak', [Math.max(...eight.rssMiB)], 0);
  line('8 files side by side: event-loop delay, p99, ms', [eight.p99DelayMs], 2);

  const long = join(folder, 'long.mp4');
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-stream_loop',
    '-1',
    '-i',
    'demo/demo.mp4',
    '-t',
    '500',
    '-c',
    'copy',
    long,
  ]);
  const many = await measureTag([long], ['--fps', '20']);
  const quarter = Math.floor(many.rssMiB.length / 4);
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  line(
    `${many.frames} frames of one file: memory, second quarter, MiB`,
    [mean(many.rssMiB.slice(quarter, 2 * quarter))],
    0,
  );
  line(
    `${many.frames} frames of one file: memory, last quarter, MiB`,
    [mean(many.rssMiB.slice(3 * quarter))],
    0,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
