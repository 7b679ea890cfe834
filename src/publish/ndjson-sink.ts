import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PublishError } from '../errors.js';
import type { JournalRow, Sink } from '../types.js';
import { toErrorCode } from './error-code.js';

/** A file of events. */
interface NdjsonTarget {
  readonly path: string;
  readonly name?: string;
  /** What a user does to begin anew when the file is lost, such as `start anew with --fresh`. */
  readonly anew: string;
}

/**
 * A file with one event a line. Its cursor is its length in bytes: opening cuts the file to it, so that nothing is
 * repeated and no half line stays. A file from another journal (`cursor` null) is kept beside it as FILE.old. Rows are
 * on disk when `deliver` resolves. Its folder must be there: one made where a disk is not mounted would hide that. Throws
 * PublishError when the file cannot be written or is shorter than the cursor.
 */
export function openNdjsonSink(target: NdjsonTarget): Sink {
  const { name = 'ndjson' } = target;
  let length = 0;
  return {
    name,
    open: async (cursor) => {
      if (cursor === null) await setAside(target);
      length = Number(cursor ?? 0);
      await withFile(target, length === 0 ? 'w' : 'r+', (file) => cut(file, target, length));
    },
    deliver: async (rows) => {
      const bytes = Buffer.from(rows.map(toLine).join(''));
      await withFile(target, 'r+', async (file) => {
        await cut(file, target, length); // a failed attempt may have left a part
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

async function setAside(target: NdjsonTarget): Promise<void> {
  const { path } = target;
  try {
    if ((await stat(path)).size > 0) await rename(path, `${path}.old`);
  } catch (error) {
    if (toErrorCode(error) !== 'ENOENT') throw toPublishError(error, target);
  }
}

async function withFile(
  target: NdjsonTarget,
  flags: 'w' | 'r+',
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const file = await open(target.path, flags);
    try {
      await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof PublishError ? error : toPublishError(error, target);
  }
}

async function cut(file: FileHandle, target: NdjsonTarget, length: number): Promise<void> {
  const { size } = await file.stat();
  if (size < length)
    throw new PublishError(`${target.path} has ${size} bytes, but the journal delivered ${length} to it`, {
      remedy: `put the file back, or ${target.anew}`,
    });
  if (size > length) await file.truncate(length);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

function toPublishError(error: unknown, { path, anew }: NdjsonTarget): PublishError {
  const code = toErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new PublishError(`${path} cannot grow: its disk is full`, {
      remedy: 'free space there; delivery goes on by itself, or with the same command run again',
      retryable: true,
      cause: error,
    });
  if (code === 'ENOENT' && !existsSync(dirname(path)))
    return new PublishError(`the folder ${dirname(path)} is not there, so ${path} cannot be written`, {
      remedy: 'create it, or mount its disk',
      cause: error,
    });
  if (code === 'ENOENT')
    return new PublishError(`${path} is gone`, { remedy: `put the file back, or ${anew}`, cause: error });
  return new PublishError(`${path} cannot be written (${code})`, {
    remedy: 'make it writable, or name another file in a folder that is',
    cause: error,
  });
}
