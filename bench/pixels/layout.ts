import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from '../../src/infer/onnx-session.js';
import { ByteReader } from '../../src/ingest/byte-reader.js';
import { toFilterGraph } from '../../src/ingest/filter-graph.js';
import type { ModelInput } from '../../src/types.js';

const PACKAGE = 'model/sgfn-nano-coco80';
const { input, files } = JSON.parse(readFileSync(join(PACKAGE, 'manifest.json'), 'utf8')) as {
  input: ModelInput;
  files: { fp32: { path: string } };
};
const { width, height } = input;

export const MODEL = join(PACKAGE, files.fp32.path);

/** How a frame's bytes are laid out, from ffmpeg to the model. */
export interface Layout {
  readonly name: 'rgb24' | 'nv12';
  readonly shape: readonly number[];
  readonly frameBytes: number;
  /** The filters that choose and scale pictures, at so many a second. */
  graph(fps: number): string;
}

export const RGB24: Layout = {
  name: 'rgb24',
  shape: [height, width, 3],
  frameBytes: height * width * 3,
  // the very pixels that are scored, without the report of their times
  graph: (fps) => toFilterGraph(input, { fps }, false).replace(',showinfo=checksum=0', ''),
};

/** Y, then Cb and Cr in turn: BT.601 in limited range, which is what the conversion in the model expects. */
export const NV12: Layout = {
  name: 'nv12',
  shape: [height * 1.5, width],
  frameBytes: height * 1.5 * width,
  graph: (fps) =>
    RGB24.graph(fps)
      .replace(':flags=', ':out_color_matrix=bt601:out_range=tv:flags=')
      .replace('format=rgb24', 'format=nv12'),
};

/** What ffmpeg is told, but for where the frames go. */
export function toArguments(layout: Layout, source: readonly string[], fps: number): string[] {
  const before = '-v info -benchmark -nostdin -threads 1 -filter_threads 1'.split(' ');
  const after = `-map 0:v -fps_mode passthrough -f rawvideo -pix_fmt ${layout.name}`.split(' ');
  return [...before, ...source, '-vf', layout.graph(fps), ...after];
}

/** Scores of each frame that ffmpeg gives of a source, at most so many. */
export async function* scoreAll(
  layout: Layout,
  session: InferenceSession,
  source: readonly string[],
  fps: number,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Float32Array, void, void> {
  const child = spawn('ffmpeg', [...toArguments(layout, source, fps), '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const bytes = new ByteReader();
  bytes.attach(child.stdout);
  const pixels = new Uint8Array(layout.frameBytes);
  for (let left = most; left > 0 && (await bytes.fill(pixels)); left--)
    yield scoreFrame(layout, session, pixels);
  child.kill('SIGKILL');
}

export async function scoreFrame(
  layout: Layout,
  session: InferenceSession,
  pixels: Uint8Array,
): Promise<Float32Array> {
  const frames = new Tensor('uint8', pixels, [1, ...layout.shape]);
  const { scores } = await session.run({ [session.inputNames[0]!]: frames }, ['scores']);
  return scores!.data as Float32Array;
}
