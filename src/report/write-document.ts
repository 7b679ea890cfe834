import { randomUUID } from 'node:crypto';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { PublishError } from '../errors.js';

/**
 * Writes a document so that a reader sees the old one or the new one, never a part; an old one's mode and links to it stay.
 * Throws PublishError, with `remedy`.
 */
export async function writeDocument(
  path: string,
  text: string,
  remedy = 'name another place with -o, or mend this one; labels are safe in the journal',
): Promise<void> {
  const file = await realpath(path).catch(() => path); // it may not be there yet
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    const old = await stat(file).catch(() => null);
    // never readable by more than the old one, not even for a moment
    await writeFile(draft, text, { flag: 'wx', flush: true, ...(old === null ? {} : { mode: 0o600 }) });
    // where a disk keeps no modes there is none to be kept
    if (old !== null) await chmod(draft, old.mode & 0o777).catch(() => {});
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    const code = (cause as NodeJS.ErrnoException).code ?? 'no reason given';
    throw new PublishError(`${path} cannot be written: ${WHY[code] ?? code}`, {
      remedy,
      cause,
    });
  }
}

const WHY: Record<string, string> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EISDIR: 'there is a folder of that name',
  ENOENT: 'its folder is not there',
  ENOTDIR: 'what should be its folder is a file',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'there is no room for more of your files',
  ENAMETOOLONG: 'its name is too long',
};
