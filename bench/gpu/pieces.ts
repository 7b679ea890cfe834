import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, createWriteStream, mkdirSync, rmSync, type WriteStream, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../../src/errors.js';

/** One piece of a packed folder. */
export interface Piece {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Bytes of a size such as `60MiB`. Throws ConfigError when it is none, or less than a byte. */
export function readSize(text: string): number {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * UNITS[unit]!);
  if (bytes >= 1) return bytes;
  throw new ConfigError(`${text} is no size of a piece`, [], { remedy: 'write one such as 60MiB' });
}

/**
 * Packs a folder, under its own name, into `target`: numbered pieces of at most so many bytes, their checksums in
 * pieces.sha256, and join.sh, which checks and unpacks them. What was in `target` goes. Throws Error when tar fails.
 */
export async function packPieces(folder: string, target: string, pieceBytes: number): Promise<Piece[]> {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const tar = spawn('tar', ['-czf', '-', '-C', dirname(folder), basename(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'close');
  const writer = new PieceWriter(target, pieceBytes);
  for await (const chunk of tar.stdout) await writer.write(chunk as Buffer);
  const pieces = await writer.end();
  const [status] = (await ended) as [number | null];
  if (status !== 0) throw new Error(`tar could not pack ${folder}`);
  writeFileSync(
    join(target, 'pieces.sha256'),
    pieces.map(({ sha256, name }) => `${sha256}  ${name}\n`).join(''),
  );
  copyFileSync('bench/gpu/join.sh', join(target, 'join.sh'));
  return pieces;
}

/** Cuts a stream of bytes into files. */
class PieceWriter {
  readonly #target: string;
  readonly #limit: number;
  readonly #pieces: Piece[] = [];
  #file: WriteStream | null = null;
  #hash = createHash('sha256');
  #bytes = 0;

  constructor(target: string, limit: number) {
    this.#target = target;
    this.#limit = limit;
  }

  async write(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, this.#limit - this.#bytes);
      this.#file ??= createWriteStream(join(this.#target, this.#name));
      if (!this.#file.write(part)) await once(this.#file, 'drain');
      this.#hash.update(part);
      this.#bytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#bytes === this.#limit) await this.#close();
    }
  }

  async end(): Promise<Piece[]> {
    await this.#close();
    return this.#pieces;
  }

  get #name(): string {
    return `piece-${String(this.#pieces.length).padStart(3, '0')}`;
  }

  async #close(): Promise<void> {
    if (this.#file === null) return;
    this.#file.end();
    await once(this.#file, 'close');
    this.#pieces.push({ name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('hex') });
    this.#file = null;
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }
}
