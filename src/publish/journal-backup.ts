import { existsSync, statSync } from 'node:fs';
import { link, open, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readSize } from './disk-room.js';
import { ConfigError } from '../errors.js';
import { findOwner } from './journal-guard.js';
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
  if (isSame(target, file))
    throw new ConfigError(`${target} is the journal itself`, [], {
      remedy: 'name another file for the copy',
    });
  if (existsSync(target)) {
    if (!isReplacing) throw toTaken(target);
    refuseLive(target);
  }
  if (!existsSync(dirname(target)))
    throw new ConfigError(`the folder ${dirname(target)} is not there`, [], {
      remedy: 'make it, or name a file in another one',
    });
  const remedy = `check that ${dirname(target)} is a folder that can be written, with room for the journal`;
  // beside its place: a file is put there at once on one disk only
  await using copy = await copyJournal(file, { temporary: dirname(target), remedy });
  const events = await inspectCopy({ file: { path: file, setting: null }, copy: copy.path, isFolded: true });
  await sync(copy.path);
  if (isReplacing) await rename(copy.path, target);
  else await placeAnew(copy.path, target);
  await sync(dirname(target));
  const { size: bytes } = await stat(target);
  return { events, bytes };
}

function isSame(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** Throws ConfigError when somebody writes the journal that is to be replaced, or its log would be read into the copy. */
function refuseLive(target: string): void {
  const owner = findOwner(target);
  if (owner !== null)
    throw new ConfigError(`${target} is in use by process ${owner}`, [], {
      remedy: 'stop it, or name another file for the copy',
    });
  const log = `${target}-wal`;
  if (readSize(log) > 0)
    throw new ConfigError(`beside ${target} lies its log, ${log}, which does not belong to the copy`, [], {
      remedy: 'move both away first: together they are what was there',
    });
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
