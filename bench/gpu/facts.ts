import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import type { Facts, UsageRow } from './results.js';

const SAMPLE_MS = 500;

/** What this run is made of and runs on, with ffmpeg's version; GPUs are those that nvidia-smi tells of. */
export function readFacts(ffmpeg: string): Facts {
  const require = createRequire(import.meta.url);
  const version = (file: string | URL) =>
    (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  return {
    gpus: readGpus(),
    cpu: cpus()[0]?.model.trim() ?? 'a CPU without a name',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    labelcast: version(new URL('../../../package.json', import.meta.url)),
    node: process.version,
    onnxruntime: version(require.resolve('onnxruntime-node/package.json')),
    ffmpeg,
  };
}

function readGpus(): Facts['gpus'] {
  return query('name,driver_version,memory.total').map(([name = '', driver = '', memory]) => ({
    name,
    driver,
    memoryMiB: Number(memory),
  }));
}

/** Nothing where there is no nvidia-smi, or no driver behind it. */
function query(fields: string): string[][] {
  try {
    const args = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'];
    const text = execFileSync('nvidia-smi', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.trim().split('\n').map(toCells);
  } catch {
    return [];
  }
}

function toCells(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

/** Watches the GPUs from now on, twice a second; `stop` resolves to what was seen, null where nothing can be. */
export function watchGpu(step: string): { stop(): Promise<UsageRow | null> } {
  const args = [
    '--query-gpu=utilization.gpu,memory.used',
    '--format=csv,noheader,nounits',
    '-lms',
    String(SAMPLE_MS),
  ];
  const child = spawn('nvidia-smi', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close').catch(() => {}); // it could not be started
  child.on('error', () => {});
  const samples: (readonly [percent: number, mib: number])[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [percent, mib] = toCells(line).map(Number);
    if (Number.isFinite(percent) && Number.isFinite(mib)) samples.push([percent!, mib!]);
  });
  return {
    async stop() {
      child.kill();
      await ended;
      return toUsage(step, samples);
    },
  };
}

/** Mean and largest of the samples, all GPUs alike; null without any. */
export function toUsage(
  step: string,
  samples: readonly (readonly [percent: number, mib: number])[],
): UsageRow | null {
  if (samples.length === 0) return null;
  const percents = samples.map(([percent]) => percent);
  return {
    step,
    samples: samples.length,
    gpuPercentMean: percents.reduce((sum, value) => sum + value, 0) / samples.length,
    gpuPercentMax: Math.max(...percents),
    memoryMiBMax: Math.max(...samples.map(([, mib]) => mib)),
  };
}
