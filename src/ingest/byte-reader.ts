import type { Readable } from 'node:stream';

/** Unread bytes from which on the source is held back. */
const MAX_UNREAD_BYTES = 128 << 10;

interface Filling {
  readonly target: Uint8Array;
  filled: number;
  readonly resolve: (isFull: boolean) => void;
}

/**
 * Reads a stream byte by byte and block by block, for one reader that asks for one thing at a time. What the reader waits for
 * is copied straight from the stream's chunks to where it belongs; other data are held, and hold the stream back.
 */
export class ByteReader {
  readonly #unread: Uint8Array[] = [];
  #source: Readable | null = null;
  #at = 0;
  #unreadBytes = 0;
  #filling: Filling | null = null;
  #isOver = false;

  /** Reads what `source` brings, once; an error of the source is its end. */
  attach(source: Readable): void {
    this.#source = source;
    source.on('data', (chunk: Uint8Array) => this.#take(chunk));
    for (const end of ['end', 'error', 'close']) source.once(end, () => this.end());
    source.resume();
  }

  /** No more is read than what came before; what still comes is thrown away. */
  end(): void {
    this.#isOver = true;
    this.#source?.resume();
    this.#filling?.resolve(false);
    this.#filling = null;
  }

  /** The next byte, or -1 at the end. */
  async byte(): Promise<number> {
    if (this.#unread.length === 0) {
      const one = new Uint8Array(1);
      return (await this.fill(one)) ? one[0]! : -1;
    }
    const byte = this.#unread[0]![this.#at]!;
    this.#skip(1);
    return byte;
  }

  /** Fills `target`; false when the stream ends before it is full. */
  fill(target: Uint8Array): Promise<boolean> {
    let filled = 0;
    while (filled < target.length && this.#unread.length > 0) {
      const part = this.#unread[0]!.subarray(this.#at, this.#at + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#skip(part.length);
    }
    if (filled === target.length) return Promise.resolve(true);
    if (this.#isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#filling = { target, filled, resolve };
    });
  }

  #take(chunk: Uint8Array): void {
    const used = this.#filling === null ? 0 : this.#feed(this.#filling, chunk);
    if (used === chunk.length || this.#isOver) return;
    this.#unread.push(used === 0 ? chunk : chunk.subarray(used));
    this.#unreadBytes += chunk.length - used;
    if (this.#unreadBytes >= MAX_UNREAD_BYTES) this.#source?.pause();
  }

  #feed(filling: Filling, chunk: Uint8Array): number {
    const { target, filled } = filling;
    const part = chunk.length > target.length - filled ? chunk.subarray(0, target.length - filled) : chunk;
    target.set(part, filled);
    filling.filled += part.length;
    if (filling.filled === target.length) {
      this.#filling = null;
      filling.resolve(true);
    }
    return part.length;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at === this.#unread[0]!.length) {
      this.#unread.shift();
      this.#at = 0;
    }
    const wasFull = this.#unreadBytes >= MAX_UNREAD_BYTES;
    this.#unreadBytes -= bytes;
    if (wasFull && this.#unreadBytes < MAX_UNREAD_BYTES) this.#source?.resume();
  }
}
