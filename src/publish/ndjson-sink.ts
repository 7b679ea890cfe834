import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { PublishError } from '../errors.js';
import type { JournalRow, Sink } from '../types.js';
import { toErrorCode } from './error-code.js';

/**
 * A file with one event a line. Its cursor is its length in bytes: opening cuts the file to it, so that nothing is
 * repeated and no half line stays. A file from another journal (`cursor` null) is kept beside it as FILE.old. Rows are
 * on disk when `deliver` resolves. Throws PublishError when the file cannot be written or is shorter than the cursor.
 */
export function openNdjsonSink(path: string, name: string = 'ndjson'): Sink {
  let length = 0;
  return {
    name,
    open: async (cursor) => {
      if (cursor === null) await setAside(path);
      length = Number(cursor ?? 0);
      await withFile(path, cursor === null ? 'w' : 'r+', (file) => cut(file, path, length));
    },
    deliver: async (rows) => {
      const bytes = Buffer.from(rows.map(toLine).join(''));
      await withFile(path, 'r+', async (file) => {
        await cut(file, path, length); // a failed attempt may have left a part
        await writeAll(file, bytes, length);
        await file.datasync();
      });
      length += bytes.length;
      return String(length);
    },
  };
}

function toLine({ json }: JournalRow): string {
  return `${json}\n`;
}

async function setAside(path: string): Promise<void> {
  try {
    if ((await stat(path)).size > 0) await rename(path, `${path}.old`);
  } catch (error) {
    if (toErrorCode(error) !== 'ENOENT') throw toPublishError(error, path);
  }
}

async function withFile(
  path: string,
  flags: 'w' | 'r+',
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const file = await open(path, flags);
    try {
      await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof PublishError ? error : toPublishError(error, path);
  }
}

async function cut(file: FileHandle, path: string, length: number): Promise<void> {
  const { size } = await file.stat();
  if (size < length)
    throw new PublishError(`${path} has ${size} bytes, but the journal delivered ${length} to it`, {
      remedy: GONE,
    });
  if (size > length) await file.truncate(length);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

const GONE = 'put the file back, or start anew with --fresh (or delete both the file and its journal)';

function toPublishError(error: unknown, path: string): PublishError {
  const code = toErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new PublishError(`${path} cannot grow: its disk is full`, {
      remedy: 'free space there; delivery goes on by itself, or with the same command run again',
      retryable: true,
      cause: error,
    });
  if (code === 'ENOENT') return new PublishError(`${path} is gone`, { remedy: GONE, cause: error });
  return new PublishError(`${path} cannot be written (${code})`, {
    remedy: 'name a writable folder with -o',
    cause: error,
  });
}
