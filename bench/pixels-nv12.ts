// Frames as NV12, half the bytes of RGB, with the conversion in the model: what ffmpeg saves, what the conversion costs, what
// comes of it from clip to scores, and how far the scores are from those of RGB. Each in turn with RGB, on the CPU.
// The model with the conversion is made by Python: `model/.venv` (model/setup.sh makes it), or LABELCAST_PYTHON.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type InferenceSession, openSession } from '../src/infer/onnx-session.js';
import { renderClip720p } from './clip-720p.js';
import { type Layout, MODEL, NV12, RGB24, scoreAll, scoreFrame, toArguments } from './pixels/layout.js';
import { median, range } from './pixels/summary.js';

const ROUNDS = Number(process.env['LABELCAST_BENCH_ROUNDS'] ?? 5);
const CLIP_SECONDS = 40;
const SOURCE_FPS = 30;
const SAMPLED_FPS = 5;
const RUNS = 50;
const CHAIN = new URL('./pixels/chain.js', import.meta.url);
const PHOTO_COUNT = 100;
const PHOTOS = join(process.env['LABELCAST_SHARED'] ?? '../shared', 'data/coco');
const LAYOUTS = [RGB24, NV12];
const cores = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));

try {
  const models = new Map([
    [RGB24, MODEL],
    [NV12, makeModel()],
  ]);
  const clip = renderClip720p(folder, CLIP_SECONDS);
  const sessions = new Map<Layout, InferenceSession>();
  for (const layout of LAYOUTS) {
    sessions.set(layout, await openSession(readFileSync(models.get(layout)!), 'cpu'));
  }
  process.stdout.write(`${cpus()[0]!.model}, ${cores} cores; medians of ${ROUNDS} rounds\n`);
  process.stdout.write(`${''.padEnd(60)}rgb24    nv12   ratio   range\n`);
  row('bytes a frame', [RGB24.frameBytes], [NV12.frameBytes], 0);
  await compare('ffmpeg alone, 5 of 30 frames/s, CPU ms a frame', (layout) =>
    decodeMs(layout, clip, SAMPLED_FPS),
  );
  await compare('the same, all 30, CPU ms a frame', (layout) => decodeMs(layout, clip, SOURCE_FPS));
  await compare('ONNX Runtime alone, one frame at a time, CPU ms', (layout) =>
    inferMs(layout, sessions.get(layout)!),
  );
  await compare(`${cores} chains from clip to scores side by side, frames/s`, (layout) =>
    chainRate(layout, models.get(layout)!, clip),
  );
  await compareScores('demo clip, 5 frames/s', sessions, ['-i', 'demo/demo.mp4'], SAMPLED_FPS);
  if (existsSync(PHOTOS)) {
    // one a second, so that each is chosen; -t would begin anew with each size
    const photos = ['-framerate', '1', '-pattern_type', 'glob', '-i', join(PHOTOS, '*.jpg')];
    await compareScores('COCO photos', sessions, photos, 1, PHOTO_COUNT);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function makeModel(): string {
  const own = 'model/.venv/bin/python';
  const python = process.env['LABELCAST_PYTHON'] ?? own;
  if (!existsSync(python))
    throw new Error(
      `there is no ${python}: make it by model/setup.sh, or set LABELCAST_PYTHON to one with its packages`,
    );
  const out = join(folder, 'nv12.onnx');
  const env = { ...process.env, PYTHONPATH: 'model' };
  execFileSync(python, ['-m', 'sgfn.nv12', '--model', MODEL, '--out', out], { env });
  return out;
}

/** Each layout once a round, the first in turn. */
async function compare(name: string, measure: (layout: Layout) => number | Promise<number>): Promise<void> {
  const found = new Map(LAYOUTS.map((layout) => [layout, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const layout of round % 2 === 0 ? LAYOUTS : LAYOUTS.toReversed()) {
      found.get(layout)!.push(await measure(layout));
    }
  }
  row(name, found.get(RGB24)!, found.get(NV12)!, 2);
}

function row(name: string, rgb: readonly number[], nv12: readonly number[], digits: number): void {
  const ratios = nv12.map((value, round) => value / rgb[round]!);
  const [a, b] = [rgb, nv12].map((values) => median(values).toFixed(digits).padStart(8));
  process.stdout.write(
    `${name.padEnd(57)}${a}${b}${median(ratios).toFixed(3).padStart(8)}   ${range(ratios, 3)}\n`,
  );
}

/** CPU a frame of ffmpeg, from its own accounting. */
function decodeMs(layout: Layout, clip: string, fps: number): number {
  const args = [...toArguments(layout, ['-i', clip], fps), '-y', '/dev/null'];
  const said = execFileSync('bash', ['-c', '"$@" 2>&1', 'sh', 'ffmpeg', ...args], { encoding: 'utf8' });
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(said)!;
  return ((Number(user) + Number(system)) * 1000) / (CLIP_SECONDS * fps);
}

async function inferMs(layout: Layout, session: InferenceSession): Promise<number> {
  const pixels = Uint8Array.from({ length: layout.frameBytes }, (_, n) => 16 + ((n * 31) % 220));
  await scoreFrame(layout, session, pixels);
  const before = process.cpuUsage();
  for (let n = 0; n < RUNS; n++) await scoreFrame(layout, session, pixels);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / RUNS;
}

/** Frames a second of one chain a core, from the start of the first to the end of the last. */
async function chainRate(layout: Layout, model: string, clip: string): Promise<number> {
  const started = performance.now();
  const args = [fileURLToPath(CHAIN), layout.name, model, clip, String(SAMPLED_FPS)];
  const frames = await Promise.all(
    Array.from({ length: cores }, async () => {
      const chain = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const [said] = (await once(chain.stdout, 'data')) as [Buffer];
      await once(chain, 'exit');
      return Number(said.toString());
    }),
  );
  return (frames.reduce((a, b) => a + b, 0) / (performance.now() - started)) * 1000;
}

/** How far the scores of a source's frames are from those of RGB. */
async function compareScores(
  name: string,
  sessions: ReadonlyMap<Layout, InferenceSession>,
  source: readonly string[],
  fps: number,
  most?: number,
): Promise<void> {
  const [rgb, nv12] = await Promise.all(
    LAYOUTS.map(async (layout) => {
      const all: number[] = [];
      for await (const scores of scoreAll(layout, sessions.get(layout)!, source, fps, most))
        all.push(...scores);
      return all;
    }),
  );
  if (rgb!.length === 0 || rgb!.length !== nv12!.length) throw new Error(`${name}: not the same frames`);
  const differences = rgb!.map((score, n) => Math.abs(score - nv12![n]!)).toSorted((a, b) => a - b);
  const [p99, largest] = [differences[Math.floor(differences.length * 0.99)]!, differences.at(-1)!];
  process.stdout.write(
    `scores of the ${name}, ${differences.length} of them: differences p99 ${p99.toFixed(4)}, largest ${largest.toFixed(4)}\n`,
  );
}
