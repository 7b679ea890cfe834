import { PixelPool } from '../../src/ingest/pixel-pool.js';
import { Camera, FRAME_BYTES } from './camera.js';
import type { WayOptions } from './way.js';

/** Cameras that the main thread reads, as ingest does today. */
export class MainReading {
  readonly #stop = new AbortController();
  readonly #cameras: Camera[];
  readonly #reading: Promise<void>[];

  constructor({ pictures, cameras, slots, onFrame }: WayOptions) {
    const { signal } = this.#stop;
    this.#cameras = Array.from({ length: cameras }, () => new Camera(pictures));
    this.#reading = this.#cameras.map(async (camera) => {
      const pool = new PixelPool(slots, FRAME_BYTES);
      for await (const frame of camera.frames(() => pool.take(signal))) onFrame(frame);
    });
  }

  pids(): number[] {
    return this.#cameras.map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#cameras.map((camera) => camera[Symbol.asyncDispose]()));
    await Promise.all(this.#reading);
  }
}
