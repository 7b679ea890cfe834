import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../../src/ingest/ffmpeg-build.js';
import { type FileSourceOptions, openFileSource } from '../../../src/ingest/file-source.js';
import { readHeader } from '../../../src/ingest/source-header.js';
import { resolveSources, type Source } from '../../../src/ingest/sources.js';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import type { ModelInput, SourceEnd } from '../../../src/types.js';

/** Runs the ffmpeg on PATH in `folder` with options separated by spaces. */
export async function makeClip(folder: string, options: string): Promise<void> {
  const { path } = await findFfmpeg(null, process.env);
  await promisify(execFile)(path, ['-v', 'error', '-y', ...options.split(' ')], { cwd: folder });
}

/** A folder that is deleted when it is closed. */
export async function openFolder(): Promise<{ readonly path: string; close(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'labelcast-'));
  return { path, close: () => rm(path, { recursive: true }) };
}

/** A small letterbox input. */
export const smallInput: ModelInput = {
  width: 32,
  height: 32,
  resize: 'letterbox',
  align: 'center',
  pad: 114,
  interpolation: 'bilinear',
  matrix: 'auto',
  range: 'full',
};

/** The one source a path stands for. */
export async function toSource(path: string): Promise<Source> {
  const { sources, failures } = await resolveSources([path], '/');
  const [source] = sources;
  if (source === undefined) throw failures[0]?.error ?? new Error(`${path} is no source`);
  return source;
}

/** What came out of a source, frame by frame. */
export interface Taken {
  readonly times: number[];
  readonly hashes: number[];
  readonly damaged: number[];
  readonly end: SourceEnd;
}

type Settings = Partial<Omit<FileSourceOptions, 'source' | 'header' | 'build'>> & {
  /** Sees each frame's bytes before they are released. */
  readonly onPixels?: (bytes: Uint8Array) => void;
};

/** Opens a file as the pipeline does: header first. */
export async function openClip(
  path: string,
  build: FfmpegBuild,
  settings: Settings = {},
): Promise<ReturnType<typeof openFileSource>> {
  const source = await toSource(path);
  const header = await readHeader(source, build, new AbortController().signal);
  const defaults = { input: smallInput, fps: 5, slots: 3, gapToleranceMs: 3000, resume: null };
  return openFileSource({ source, header, build, ...defaults, ...settings });
}

/** Reads a file to its end. */
export async function takeAll(path: string, build: FfmpegBuild, settings: Settings = {}): Promise<Taken> {
  const frames = (await openClip(path, build, settings)).frames(new AbortController().signal);
  const taken: Omit<Taken, 'end'> = { times: [], hashes: [], damaged: [] };
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return { ...taken, end: next.value };
    const { ptsMs, damaged, pixels } = next.value;
    taken.times.push(ptsMs);
    taken.hashes.push(pixels.hash());
    settings.onPixels?.(pixels.bytes);
    if (damaged) taken.damaged.push(ptsMs);
    pixels.release();
  }
}
