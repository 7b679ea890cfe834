import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

const EDGE_BYTES = 1 << 20;
const SAMPLES = 64;
const SAMPLE_BYTES = 64 << 10;

/** Fills `target` with the content from `offset` on. */
export type ReadAt = (offset: number, target: Uint8Array) => Promise<void>;

/**
 * The identity of a content, in hex: SHA-256 of its size (8 bytes, big-endian), its first and last MiB, and 64 blocks of
 * 64 KiB that are evenly spread. Neither name nor time counts.
 */
export async function identify(size: number, readAt: ReadAt): Promise<string> {
  const hash = createHash('sha256');
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(size));
  hash.update(head);
  for (const [offset, length] of identityRanges(size)) {
    const block = new Uint8Array(length);
    await readAt(offset, block);
    hash.update(block);
  }
  return hash.digest('hex');
}

function identityRanges(size: number): [offset: number, length: number][] {
  const edge = Math.min(EDGE_BYTES, size);
  const length = Math.min(SAMPLE_BYTES, size);
  const samples = Array.from({ length: SAMPLES }, (_, index): [number, number] => [
    Math.floor(((size - length) * index) / (SAMPLES - 1)),
    length,
  ]);
  return [[0, edge], [size - edge, edge], ...samples];
}

/** The identity of a file on disk; rejects with the system's error, or when the file shrinks meanwhile. */
export async function identifyFile(path: string, size: number): Promise<string> {
  const file = await open(path);
  try {
    return await identify(size, (offset, target) => readFully(file, offset, target, path));
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, offset: number, target: Uint8Array, path: string): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, offset + filled);
    if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`);
    filled += bytesRead;
  }
}
