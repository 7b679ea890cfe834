import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../errors.js';

/** Makes the folder of -o, with those above it, or checks that it can be written. Throws ConfigError. */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return checkWritable(folder);
  // one level at a time: Node's own recursive way never returns where a file system forbids new folders (/proc)
  const parent = dirname(resolve(folder));
  if (parent !== resolve(folder)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = WHY_NO_FOLDER[code ?? ''] ?? code;
    throw new ConfigError(`the folder ${folder} cannot be made: ${why}`, [], {
      remedy: 'name a folder that can be written with -o',
      cause,
    });
  }
}

/** Checks, while there is nothing to write yet, that the folder of -o can be made or written. Throws ConfigError. */
export function checkFolder(folder: string): void {
  if (isFolder(folder)) return checkWritable(folder);
  if (existsSync(folder))
    throw new ConfigError(`${folder} is no folder: it is a file`, [], {
      remedy: 'name a folder that does not exist yet with -o',
    });
  const parent = dirname(resolve(folder));
  if (parent !== resolve(folder)) checkFolder(parent);
}

/** Whether there is a folder; false too when it cannot be known. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const WHY_NO_FOLDER: Record<string, string> = {
  EEXIST: 'there is a file of that name',
  EACCES: 'you may not write in the folder above it',
  ENOENT: 'its file system allows no new folders',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
};

function checkWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(`the folder ${folder} cannot be written`, [], {
      remedy: 'name a folder that can be written with -o',
      cause,
    });
  }
}
