import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import type { ModelInput } from '../../../src/types.js';
import { makeClip, takeAll } from './clips.js';

/** How pictures are written into a clip, one a frame, five a second. */
export interface ClipForm {
  /** With the container's ending. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** How its colours are made. */
  readonly matrix: 'bt601' | 'bt709';
  readonly range: 'tv' | 'pc';
  readonly format: 'yuv420p' | 'yuv420p10le';
  /** Encoder and the tags that tell a decoder of matrix and range. */
  readonly options: string;
  /** Degrees clockwise by which a player turns it; default 0. */
  readonly turn?: 90 | 270;
}

const PHOTOS = resolve(process.env['LABELCAST_SHARED'] ?? '../shared', 'data/coco');
const MAX_BYTES = 1 << 30;

/** `count` photos beside the repository, which may not be committed, else as many frames of the demo clip. */
export async function findPictures(folder: string, count: number): Promise<string[]> {
  if (!existsSync(PHOTOS)) {
    const demo = join(process.cwd(), 'demo/demo.mp4');
    await makeClip(folder, `-i ${demo} -vf fps=${count}/19 -frames:v ${count} -q:v 2 picture-%03d.jpg`);
  }
  const place = existsSync(PHOTOS) ? PHOTOS : folder;
  const names = readdirSync(place)
    .filter((name) => name.endsWith('.jpg'))
    .sort();
  const every = Math.floor(names.length / count);
  return Array.from({ length: count }, (_, n) => join(place, names[n * every]!));
}

/** Raw frames from pixel_reference.py, which says what it can be asked. */
function runReference(folder: string, args: readonly (string | number)[]): Buffer {
  const packages = ['pillow', 'numpy'].map((name) => join(process.cwd(), '.cache', name)).join(':');
  const script = join(process.cwd(), 'tests/services/pixel_reference.py');
  return execFileSync('python3', [script, ...args.map(String)], {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: packages },
    maxBuffer: MAX_BYTES,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Makes a clip of pictures in `folder`, and beside it `NAME.yuv`, its decoded frames. */
export async function makePictureClip(
  folder: string,
  form: ClipForm,
  pictures: readonly string[],
): Promise<void> {
  const { name, width, height, matrix, range, format, options, turn } = form;
  writeFileSync(
    join(folder, 'pictures.txt'),
    pictures.map((path) => `file '${resolve(path)}'\nduration 0.2\n`).join(''),
  );
  const size = `${width}:${height}`;
  const fit = `scale=${size}:force_original_aspect_ratio=increase,crop=${size},setsar=1,format=rgb24`;
  const colours = `scale=out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd,format=${format}`;
  const made = turn === undefined ? name : `straight-${name}`;
  const filters = `-vf ${fit},${colours} -r 5`;
  await makeClip(folder, `-f concat -safe 0 -i pictures.txt ${filters} ${options} ${made}`);
  // The tag counts the other way round.
  if (turn !== undefined)
    await makeClip(folder, `-i ${made} -c copy -metadata:s:v rotate=${360 - turn} ${name}`);
  await makeClip(folder, `-noautorotate -i ${name} -f rawvideo ${name}.yuv`);
}

/** The decoded pictures of clips as the model should get them, clip after clip. */
export function toReferences(
  folder: string,
  forms: readonly ClipForm[],
  { resize }: Pick<ModelInput, 'resize'>,
): Buffer[] {
  const jobs = forms.map(({ name, width, height, format, matrix, range, turn = 0 }) =>
    [`${name}.yuv`, width, height, format, matrix, range, turn].join(':'),
  );
  return toFrames(runReference(folder, ['model', resize, ...jobs]), FRAME_BYTES);
}

/** How pictures are written as HDR; white is at 203 cd/m². */
export interface HdrForm {
  readonly name: string;
  readonly curve: 'pq' | 'hlg';
  /** What the highlights reach, cd/m². */
  readonly peak: number;
  /** What the stream says of its colours, in the words of x265. */
  readonly tags: string;
}

/** Makes HDR clips of pictures 640 × 360; returns what the model should get of each picture as it was. */
export async function makeHdrClips(
  folder: string,
  forms: readonly HdrForm[],
  pictures: readonly string[],
  { resize }: Pick<ModelInput, 'resize'>,
): Promise<Buffer[]> {
  const curves = forms.map(({ curve, peak }) => `${curve}:${peak}`).join(',');
  const raw = runReference(folder, ['hdr', 640, 360, curves, ...pictures]);
  for (const [n, clip] of toFrames(raw, raw.length / forms.length).entries()) {
    const { name, tags } = forms[n]!;
    writeFileSync(join(folder, `${name}.yuv`), clip);
    const input = `-f rawvideo -pix_fmt yuv420p10le -s 640x360 -r 5 -i ${name}.yuv`;
    const x265 = `-c:v libx265 -preset ultrafast -crf 8 -x265-params log-level=error:${tags}`;
    await makeClip(folder, `${input} ${x265} ${name}`);
  }
  return toFrames(runReference(folder, ['sdr', resize, 640, 360, ...pictures]), FRAME_BYTES);
}

const FRAME_BYTES = 416 * 416 * 3;

function toFrames(raw: Buffer, frameBytes: number): Buffer[] {
  return Array.from({ length: raw.length / frameBytes }, (_, n) =>
    raw.subarray(n * frameBytes, (n + 1) * frameBytes),
  );
}

/** What the model gets of a file. */
export async function takePixels(path: string, build: FfmpegBuild, input: ModelInput): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  await takeAll(path, build, { input, onPixels: (bytes) => frames.push(bytes.slice()) });
  return frames;
}

/** Mean absolute difference of two frames, of 255. */
export function toMeanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += Math.abs(a[n]! - b[n]!);
  return sum / a.length;
}
