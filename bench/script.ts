// Beside what people write in an afternoon (bench/script/script.py): how long a file takes, and how many segments come of it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { renderClip720p } from './clip-720p.js';
import { heading, range, row } from './live/table.js';

const ROUNDS = Number(process.env['LABELCAST_BENCH_ROUNDS'] ?? 5);
const CLIP_SECONDS = 240;
const MODEL = 'model/sgfn-nano-coco80';
const VIDEOS = join(process.env['LABELCAST_SHARED'] ?? '../shared', 'videos');
const SHORT_MS = 1000;

interface Interval {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

function runScript(video: string): Interval[] {
  const env = { ...process.env, PYTHONPATH: '.cache/script' };
  const text = execFileSync('python3', ['bench/script/script.py', video, MODEL], { encoding: 'utf8', env });
  return toLines(text) as Interval[];
}

function runTag(video: string): Interval[] {
  const args = ['dist/src/cli/main.js', 'tag', video, '--json', '--fps', '5'];
  const events = toLines(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })) as {
    type: string;
    data: Interval;
  }[];
  return events.filter(({ type }) => type === 'io.labelcast.label.ended.v1').map(({ data }) => data);
}

function toLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function toSeconds(run: () => unknown): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1e3;
}

function toText(segments: readonly Interval[]): string {
  const short = segments.filter(({ startMs, endMs }) => endMs - startMs < SHORT_MS).length;
  return `${segments.length}, ${short}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));
try {
  const memory = Math.round(totalmem() / 2 ** 30);
  heading(
    `${cpus()[0]!.model.trim()}, ${availableParallelism()} cores, ${memory} GiB, Node ${process.version}`,
  );
  const clip = renderClip720p(folder, CLIP_SECONDS);
  const script: number[] = [];
  const tag: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    script.push(toSeconds(() => runScript(clip)));
    tag.push(toSeconds(() => runTag(clip)));
  }
  const toFigure = (seconds: readonly number[]) =>
    `${median(seconds).toFixed(1)} s (${range(seconds, 1)}), ${(CLIP_SECONDS / median(seconds)).toFixed(1)} × real time`;
  heading(`a 720p file of ${CLIP_SECONDS} s at 5 frames/s, start-up included; median and range of ${ROUNDS}`);
  row('script', toFigure(script));
  row('labelcast tag', toFigure(tag));
  const ratios = script.map((seconds, n) => seconds / tag[n]!);
  row('times as fast', `${median(ratios).toFixed(2)} (${range(ratios)})`);

  heading(`segments, of which shorter than ${SHORT_MS / 1000} s: script; labelcast tag`);
  const videos = existsSync(VIDEOS) ? readdirSync(VIDEOS).filter((name) => name.endsWith('.mp4')) : [];
  for (const video of ['demo/demo.mp4', ...videos.map((name) => join(VIDEOS, name))])
    row(video, `${toText(runScript(video))}; ${toText(runTag(video))}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
