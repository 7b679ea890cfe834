// What a device can do: ONNX Runtime alone, labelcast's inference side, decoding, files and live streams end to end, and whether
// its scores are the CPU's. Writes results.json and results.md after each figure, so that a killed run leaves what it had.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/errors.js';
import { findFfmpeg } from '../src/ingest/ffmpeg-build.js';
import { runBench } from './common/run-bench.js';
import { Budget } from './gpu/budget.js';
import { measureDecode } from './gpu/decode.js';
import { readFacts, watchGpu } from './gpu/facts.js';
import { measureFiles } from './gpu/files.js';
import { measureInference } from './gpu/inference.js';
import { measureLive } from './gpu/live.js';
import { measureOrt } from './gpu/ort.js';
import { readClips, readPackages } from './gpu/packages.js';
import { DEVICES, type Device, emptyResults } from './gpu/results.js';
import { notRun, type Run, type Step } from './gpu/run.js';
import { compareScores } from './gpu/scores.js';
import { writeResults } from './gpu/write-results.js';

/** In the order they are run, with their share of the time. */
const STEPS: Readonly<Record<string, { readonly step: Step; readonly weight: number }>> = {
  ort: { step: measureOrt, weight: 30 },
  scores: { step: compareScores, weight: 12 },
  inference: { step: measureInference, weight: 18 },
  decode: { step: measureDecode, weight: 8 },
  files: { step: measureFiles, weight: 12 },
  live: { step: measureLive, weight: 20 },
};
const NAMES = Object.keys(STEPS);
const USAGE = `npm run bench gpu -- [--budget SECONDS] [--only ${NAMES.join(',')}] [--devices ${DEVICES.join(',')}]
    [--models FOLDER] [--clips FOLDER] [--ffmpeg FILE] [--fps N] [--longest SECONDS] [--out FOLDER]`;

await runBench(main);

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const flags = await readFlags();
  const out = resolve(flags.out);
  mkdirSync(out, { recursive: true });
  const command = `bench gpu ${process.argv.slice(2).join(' ')}`.trim();
  const results = emptyResults(command, new Date().toISOString());
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-gpu-'));
  const run: Run = {
    ...flags,
    ffmpeg: flags.ffmpeg.path,
    results,
    folder,
    save: () => writeResults(out, results),
    tell: (text) => process.stderr.write(`${text}\n`),
  };
  try {
    results.facts = readFacts(flags.ffmpeg.version);
    await runSteps(run, flags.steps, new Budget(flags.budget));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${join(out, 'results.md')}\n`);
}

async function runSteps(run: Run, wanted: readonly string[], budget: Budget): Promise<void> {
  const { steps } = run.results;
  for (const name of NAMES) steps.push({ name, state: 'waiting', seconds: 0 });
  for (const [n, name] of NAMES.entries()) {
    if (!wanted.includes(name)) {
      steps[n] = { name, state: 'not run', seconds: 0 };
      notRun(run, name, 'it was not asked for');
      continue;
    }
    steps[n] = { name, state: 'running', seconds: 0 };
    run.save();
    const { step, weight } = STEPS[name]!;
    const rest = NAMES.slice(n).filter((other) => wanted.includes(other));
    const total = rest.reduce((sum, other) => sum + STEPS[other]!.weight, 0);
    const startedMs = performance.now();
    const watching = watchGpu(name);
    try {
      await step(run, budget.share(weight, total));
    } catch (error) {
      notRun(run, name, error);
    }
    const usage = await watching.stop();
    if (usage !== null) run.results.usage.push(usage);
    steps[n] = { name, state: 'done', seconds: (performance.now() - startedMs) / 1000 };
    run.save();
  }
  if (run.results.usage.length === 0) notRun(run, 'GPU utilisation and memory', 'nvidia-smi told nothing');
}

async function readFlags() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    budget: text('600'),
    only: text(NAMES.join(',')),
    devices: text(DEVICES.join(',')),
    models: text('model'),
    clips: text('demo'),
    ffmpeg: { type: 'string' } as const,
    fps: text('5'),
    longest: text('60'),
    out: text('gpu-results'),
  };
  const { only, devices, models, clips, ffmpeg, ...rest } = parse(() => parseArgs({ options }).values);
  return {
    out: rest.out,
    budget: toNumber('budget', rest.budget),
    fps: toNumber('fps', rest.fps),
    longestSeconds: toNumber('longest', rest.longest),
    steps: toChoices('only', only, NAMES),
    devices: toChoices<Device>('devices', devices, DEVICES),
    packages: readPackages(models),
    clips: readClips(clips),
    ffmpeg: await findFfmpeg(ffmpeg ?? null, process.env),
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}; there is`, [USAGE.replaceAll(/\s+/g, ' ')]);
  }
}

function toNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new ConfigError(`--${flag} is a number above 0, not ${text}; there is`, [
    USAGE.replaceAll(/\s+/g, ' '),
  ]);
}

function toChoices<T extends string>(flag: string, text: string, all: readonly T[]): T[] {
  const words = text.split(',');
  const strange = words.find((word) => !all.includes(word as T));
  if (strange === undefined) return all.filter((one) => words.includes(one));
  throw new ConfigError(`--${flag} takes of ${all.join(',')}, not ${strange}; there is`, [
    USAGE.replaceAll(/\s+/g, ' '),
  ]);
}
