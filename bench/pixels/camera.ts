import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ByteReader } from '../../src/ingest/byte-reader.js';
import { readNut } from '../../src/ingest/nut-demuxer.js';
import type { Pixels } from '../../src/types.js';

export const SIDE = 416;
export const FRAME_BYTES = SIDE * SIDE * 3;

/** Eight uncompressed pictures, all noise, which every camera shows again and again; returns their path. */
export function renderPictures(folder: string): string {
  const file = join(folder, 'pictures.rgb');
  const source = [
    '-f',
    'lavfi',
    '-i',
    `testsrc=size=${SIDE}x${SIDE}:rate=30,noise=alls=100:allf=t`,
    '-frames:v',
    '8',
  ];
  execFileSync('ffmpeg', ['-v', 'error', ...source, '-pix_fmt', 'rgb24', '-f', 'rawvideo', file]);
  return file;
}

/** An ffmpeg that sends frames as ingest's does, as fast as they are taken, without decoding anything. */
export class Camera {
  readonly #child: ChildProcess;

  constructor(pictures: string) {
    const input = `-stream_loop -1 -f rawvideo -pix_fmt rgb24 -s ${SIDE}x${SIDE} -r 30 -i`.split(' ');
    const args = ['-v', 'quiet', '-nostdin', ...input, pictures, '-c', 'copy', '-f', 'nut', '-'];
    this.#child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Reads as ingest does: each frame straight into the slot that was taken for it. */
  async *frames(takeSlot: () => Promise<Pixels | null>): AsyncGenerator<Pixels, void, void> {
    const bytes = new ByteReader();
    bytes.attach(this.#child.stdout!);
    for await (const { pixels } of readNut(bytes, takeSlot)) yield pixels;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
