import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { PublishError } from '../errors.js';

/**
 * Writes a document so that a reader sees the old one or the new one, never a part. Throws PublishError, with `remedy`.
 */
export async function writeDocument(
  path: string,
  text: string,
  remedy = 'name another place with -o, or mend this one; labels are safe in the journal',
): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, { flag: 'wx', flush: true });
    await rename(draft, path);
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
