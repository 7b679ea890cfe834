import { execFile } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { FfmpegBuild } from '../../src/ingest/ffmpeg-build.js';
import { toFilterGraph } from './filters.js';
import { type ClipPlan, FPS } from './plan.js';
import { damagedFrames, KEY_FRAME_INTERVAL } from './timing.js';
import { toTruth } from './truth.js';

/** Of the clips' media times; labelcast samples by them. */
export const TICKS_PER_SECOND = 12_800;

export interface RenderOptions {
  readonly build: FfmpegBuild;
  /** The folder of the photos. */
  readonly data: string;
  readonly out: string;
  /** The labels that are judged. */
  readonly labels: readonly string[];
}

/** Writes NAME.mp4, NAME.shots.json and, as `labelcast eval` reads it, NAME.truth.json. Throws what ffmpeg says when it fails. */
export async function renderClip(plan: ClipPlan, { build, data, out, labels }: RenderOptions): Promise<void> {
  const inputs = plan.shots.flatMap(({ photo }) => ['-i', resolve(data, photo.file)]);
  const clip = join(out, `${plan.name}.mp4`);
  const part = join(out, `${plan.name}.part.mp4`);
  const graph = ['-filter_complex', toFilterGraph(plan), '-map', '[out]'];
  const flags = ['-v', 'error', '-nostdin', '-y', '-filter_complex_threads', '1', ...inputs, ...graph];
  await promisify(execFile)(build.path, [...flags, ...build.passthrough, ...toEncoder(plan), part]);
  if (damagedFrames(plan).length > 0) await damage(plan, { build, part });
  await rename(part, clip);
  const { keyFramesMs, shots, ...truth } = toTruth(plan, labels);
  await writeFile(join(out, `${plan.name}.shots.json`), toText({ keyFramesMs, shots }));
  await writeFile(join(out, `${plan.name}.truth.json`), toText(truth));
}

/** H.264 as cameras send it: few bits, key frames at a fixed interval only. One thread gives the same bytes each time. */
function toEncoder(plan: ClipPlan): string[] {
  const { kbps } = plan;
  return [
    ...`-c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p -bf 2`.split(' '),
    ...`-b:v ${kbps}k -maxrate ${Math.round(1.5 * kbps)}k -bufsize ${2 * kbps}k`.split(' '),
    ...`-g ${KEY_FRAME_INTERVAL} -keyint_min ${KEY_FRAME_INTERVAL} -sc_threshold 0`.split(' '),
    ...MUXER,
  ];
}

const MUXER = `-video_track_timescale ${TICKS_PER_SECOND} -fflags +bitexact -flags:v +bitexact -f mp4`.split(
  ' ',
);

/** Overwrites the encoded frames of the damaged parts; on its own, since ffmpeg 5.1 leaves them whole while it encodes. */
async function damage(
  plan: ClipPlan,
  { build, part }: { readonly build: FfmpegBuild; readonly part: string },
): Promise<void> {
  const times = damagedFrames(plan).map(
    ({ startFrame, endFrame }) => `gte(pts*tb,${startFrame / FPS})*lt(pts*tb,${endFrame / FPS})`,
  );
  const noise = ['-c', 'copy', '-bsf:v', `noise=amount='${times.join('+')}'`];
  const damaged = `${part}.damaged`;
  await promisify(execFile)(build.path, [
    '-v',
    'error',
    '-nostdin',
    '-y',
    '-i',
    part,
    ...noise,
    ...MUXER,
    damaged,
  ]);
  await rename(damaged, part);
}

/** JSON with one entry of a list a line. */
function toText(value: object): string {
  const fields = Object.entries(value).map(([key, field]) => {
    const isLong = Array.isArray(field) && typeof field[0] === 'object';
    const text = isLong
      ? `[\n${field.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`
      : JSON.stringify(field);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}
