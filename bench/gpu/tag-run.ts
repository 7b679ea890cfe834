import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabelEvent, LabelcastEvent } from '../../src/types.js';
import type { Package } from './packages.js';
import type { Device } from './results.js';
import type { Run } from './run.js';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LAST_WORDS = 400;

/** One run of `labelcast tag`. */
export interface Tagged {
  readonly frames: number;
  /** From the first scored frame to the exit. */
  readonly seconds: number;
  readonly startSeconds: number;
  /** Those of type `label.ended`, of all sources. */
  readonly segments: readonly LabelEvent['data'][];
}

/** Tags files as a user does. Throws Error, with the end of the log, when it fails or takes too long. */
export async function runTag(
  { ffmpeg, fps, folder }: Run,
  { dir }: Package,
  device: Device,
  { files, atMostSeconds }: { readonly files: readonly string[]; readonly atMostSeconds: number },
): Promise<Tagged> {
  const config = join(folder, 'tag.yaml');
  writeFileSync(config, JSON.stringify({ files: { parallel: Math.min(64, files.length) } })); // JSON is YAML
  const flags = ['--model', dir, '--device', device, '--fps', String(fps), '-c', config];
  const log = ['--json', '--log-level', 'debug', '--log-format', 'json'];
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    ['--min-semi-space-size=16', MAIN, 'tag', ...files, ...flags, ...log],
    {
      env: { ...process.env, FFMPEG_PATH: ffmpeg, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const late = setTimeout(() => child.kill('SIGKILL'), atMostSeconds * 1000);
  let firstMs = Number.NaN;
  let said = '';
  let events = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (events += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (Number.isNaN(firstMs) && said.includes('first frame scored')) firstMs = performance.now();
  });
  const [status, by] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (code, name) => resolve([code, name]));
  });
  const endedMs = performance.now();
  clearTimeout(late);
  if (by === 'SIGKILL') throw new Error(`labelcast tag was not done within ${Math.ceil(atMostSeconds)} s`);
  if (status !== 0 || Number.isNaN(firstMs))
    throw new Error(`labelcast tag ended with ${status ?? by}: ${lastWords(said)}`);
  return {
    frames: [...said.matchAll(/"frames":(\d+)/g)].reduce((sum, [, frames]) => sum + Number(frames), 0),
    seconds: (endedMs - firstMs) / 1000,
    startSeconds: (firstMs - startedMs) / 1000,
    segments: toSegments(events),
  };
}

function toSegments(text: string): LabelEvent['data'][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LabelcastEvent)
    .filter((event): event is LabelEvent => event.type === 'io.labelcast.label.ended.v1')
    .map(({ data }) => data);
}

/** What a command said last that is no line of its log, or else the last message of it. */
export function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  const words = lines.slice(lines.findLastIndex((line) => line.startsWith('{')) + 1).join(' ');
  const message = /"msg":"((?:[^"\\]|\\.)*)"/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  return (words === '' ? message : words).replaceAll(/\s+/g, ' ').slice(-LAST_WORDS);
}
