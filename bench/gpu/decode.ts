import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { ModelInput } from '../../src/types.js';
import { toRawFrames } from '../common/raw-frames.js';
import type { Budget } from './budget.js';
import { clipName } from './packages.js';
import { notRun, type Run } from './run.js';

const LONGEST_SECONDS = 5;
/** Of each measurement, for processes to start. */
const LEAD_SECONDS = 0.5;

/** Frames at model size that ffmpeg gives from the first clip, by how many decoders of one thread run side by side. */
export async function measureDecode(run: Run, budget: Budget): Promise<void> {
  const counts = decoderCounts(availableParallelism());
  for (const [n, decoders] of counts.entries()) {
    const left = budget.leftSeconds / (counts.length - n) - LEAD_SECONDS;
    const seconds = Math.min(LONGEST_SECONDS, run.longestSeconds, left);
    if (left < LEAD_SECONDS) {
      notRun(run, `decode: from ${decoders} decoders on`, 'no time was left for it');
      return;
    }
    const clip = run.clips[0]!;
    const each = Array.from({ length: decoders }, () => decodeRate(run, clip, seconds));
    const framesPerSecond = (await Promise.all(each)).reduce((sum, rate) => sum + rate, 0);
    run.results.decode.push({ clip: clipName(clip), decoders, framesPerSecond });
    run.tell(`decode: ${decoders} decoders: ${framesPerSecond.toFixed(1)} frames/s`);
    run.save();
  }
}

/** 1, 2, 4 … and all cores. */
export function decoderCounts(cores: number): number[] {
  const counts = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

/** By ffmpeg's own count of frames, between its first and last report. Throws Error when it does not run. */
async function decodeRate({ ffmpeg, fps, packages }: Run, clip: string, seconds: number): Promise<number> {
  const input = [
    '-v',
    'error',
    '-nostdin',
    '-threads',
    '1',
    '-filter_threads',
    '1',
    '-stream_loop',
    '-1',
    '-i',
    clip,
  ];
  const output = toRawFrames(packages[0]!.manifest.input as ModelInput, fps);
  const child = spawn(ffmpeg, [...input, '-progress', 'pipe:1', '-stats_period', '0.1', ...output], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-300)));
  const reports: { readonly atMs: number; readonly frames: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const frames = /^frame=(\d+)$/.exec(line)?.[1];
    if (frames !== undefined) reports.push({ atMs: performance.now(), frames: Number(frames) });
  });
  const ended = once(child, 'close');
  await Promise.race([wait((LEAD_SECONDS + seconds) * 1000), ended]);
  child.kill('SIGKILL');
  await ended;
  const first = reports.find(({ frames }) => frames > 0);
  const last = reports.at(-1);
  if (first === undefined || last === undefined || last.frames === first.frames)
    throw new Error(`ffmpeg gave no frames of ${clip}: ${said.trim() || 'it said nothing'}`);
  return ((last.frames - first.frames) / (last.atMs - first.atMs)) * 1000;
}
