import { existsSync } from 'node:fs';
import { link, open, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../errors.js';
import { inspectCopy } from './journal-inspection.js';
import { copyJournal, refuseOther } from './journal-snapshot.js';

/**
 * Writes a copy of a journal as one file, also while somebody writes it: whole, checked and on the disk when this resolves. The
 * file appears at once or not at all; one that is there is replaced with `isReplacing` only. Throws ConfigError, and PublishError
 * when the journal is damaged or changes too fast.
 */
export async function backUpJournal(
  file: string,
  target: string,
  { isReplacing }: { readonly isReplacing: boolean },
): Promise<{ readonly events: number; readonly bytes: number }> {
  await refuseOther(file);
  if (resolve(target) === resolve(file))
    throw new ConfigError(`${target} is the journal itself`, [], {
      remedy: 'name another file for the copy',
    });
  if (existsSync(target) && !isReplacing) throw toTaken(target);
  const remedy = `check that ${dirname(target)} is a folder that can be written, with room for the journal`;
  // beside its place: a file is put there at once on one disk only
  await using copy = await copyJournal(file, { temporary: dirname(target), remedy });
  const events = await inspectCopy({
    file: { path: file, setting: '--journal' },
    copy: copy.path,
    isFolded: true,
  });
  await sync(copy.path);
  if (isReplacing) await rename(copy.path, target);
  else await placeAnew(copy.path, target);
  await sync(dirname(target));
  const { size: bytes } = await stat(target);
  return { events, bytes };
}

async function placeAnew(copy: string, target: string): Promise<void> {
  try {
    await link(copy, target);
  } catch (error) {
    if (existsSync(target)) throw toTaken(target);
    await rename(copy, target).catch(() => {
      throw error;
    }); // a file system without links
  }
}

function toTaken(target: string): ConfigError {
  return new ConfigError(`${target} is there already`, [], { remedy: 'name another file, or add --force' });
}

/** Of a folder: its entries. */
async function sync(path: string): Promise<void> {
  const opened = await open(path);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
