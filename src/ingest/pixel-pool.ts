import { crc32 } from 'node:zlib';
import type { Pixels } from '../types.js';

/** At most `slots` frames of memory, handed out and taken back; memory is allocated when first needed. */
export class PixelPool {
  readonly #frameBytes: number;
  readonly #free: Uint8Array[] = [];
  #unallocated: number;
  #waiting: (() => void) | null = null;

  constructor(slots: number, frameBytes: number) {
    this.#unallocated = slots;
    this.#frameBytes = frameBytes;
  }

  /** A slot with undefined content, as soon as one is free; null when `signal` aborts first. One caller at a time. */
  async take(signal: AbortSignal): Promise<Pixels | null> {
    while (this.#free.length === 0 && this.#unallocated === 0) {
      if (signal.aborted) return null;
      await this.#slotBack(signal);
    }
    return signal.aborted ? null : this.takeFree();
  }

  /** A slot with undefined content; null when none is free. */
  takeFree(): Pixels | null {
    const free = this.#free.pop();
    if (free !== undefined) return this.#lend(free);
    if (this.#unallocated === 0) return null;
    this.#unallocated -= 1;
    return this.#lend(new Uint8Array(new ArrayBuffer(this.#frameBytes)));
  }

  #slotBack(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        this.#waiting = null;
        resolve();
      };
      this.#waiting = go;
      signal.addEventListener('abort', go, { once: true });
    });
  }

  #lend(bytes: Uint8Array): Pixels {
    let isLent = true;
    return {
      bytes,
      hash: () => toHash(bytes),
      release: () => {
        if (!isLent) return;
        isLent = false;
        this.#free.push(bytes);
        this.#waiting?.();
      },
    };
  }
}

// One stretch in eight, across the whole picture: enough to tell two pictures apart, at an eighth of the time.
const STRETCH_BYTES = 2048;
const HASH_EVERY_BYTES = 8 * STRETCH_BYTES;

function toHash(bytes: Uint8Array): number {
  let hash = 0;
  for (let at = 0; at < bytes.length; at += HASH_EVERY_BYTES) {
    hash = crc32(bytes.subarray(at, at + STRETCH_BYTES), hash);
  }
  return hash;
}
