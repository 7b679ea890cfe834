import { statfsSync, statSync } from 'node:fs';

/** Bytes that anyone may still write on the disk of a folder. Throws what the file system says. */
export function readFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Bytes of a file; 0: it is not there. */
export function readSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
