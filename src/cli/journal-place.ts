import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, PublishError } from '../errors.js';
import { openJournal } from '../publish/journal.js';
import { makeFolder } from './output-folder.js';
import type { TagFlags } from './tag-flags.js';

/** Where the journal of a run lies; a private one is deleted when all went well. */
export interface JournalPlace {
  readonly file: string;
  readonly isPrivate: boolean;
}

/**
 * Decides where the journal lies: --journal, else the config, else DIR/journal.db, else a private file. Throws ConfigError when
 * --resume finds none.
 */
export function locateJournal(
  flags: Pick<TagFlags, 'journal' | 'output' | 'resume'>,
  configured: string | undefined,
): JournalPlace {
  const named =
    flags.journal ??
    configured ??
    (flags.output === undefined ? undefined : join(flags.output, 'journal.db'));
  if (named === undefined) {
    if (flags.resume) {
      throw new ConfigError('--resume needs the journal of the interrupted run', [], {
        remedy: 'name it with --journal FILE, or its folder with -o DIR',
      });
    }
    return placePrivately();
  }
  const file = resolve(named);
  if (flags.resume && !existsSync(file)) {
    throw new ConfigError(`there is no journal ${file} to go on with`, [], {
      remedy: 'check the path, or leave out --resume',
    });
  }
  return { file, isPrivate: false };
}

/**
 * Makes the folder of -o, and with --fresh moves an old journal aside. Throws ConfigError when that cannot be done, PublishError
 * when another process uses the journal to be moved.
 */
export async function prepareJournal(
  { file }: JournalPlace,
  { output, fresh }: Pick<TagFlags, 'output' | 'fresh'>,
): Promise<void> {
  if (output !== undefined) makeFolder(output);
  if (fresh && existsSync(file)) await moveAside(file);
}

/** A journal in a temporary folder of its own. Throws ConfigError when that cannot be made. */
export function placePrivately(): JournalPlace {
  return { file: join(makePrivateFolder(), 'journal.db'), isPrivate: true };
}

/** Removes a private journal with its folder. */
export function removeJournal(place: JournalPlace): void {
  if (place.isPrivate) rmSync(dirname(place.file), { recursive: true, force: true });
}

function makePrivateFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'labelcast-'));
  } catch (cause) {
    throw new ConfigError(`no temporary folder can be made in ${tmpdir()}`, [], {
      remedy: 'set TMPDIR to a folder that can be written, or use -o DIR',
      cause,
    });
  }
}

/** One generation back is kept, so that --fresh cannot destroy what took hours to compute. */
async function moveAside(file: string): Promise<void> {
  let isEmpty = false;
  try {
    const held = await openJournal({ path: file });
    isEmpty = held.lastPosition === 0;
    await held[Symbol.asyncDispose]();
  } catch (error) {
    // a damaged or foreign file is what --fresh is for; one in use is not to be pulled away
    if (error instanceof PublishError && error.retryable) throw error;
  }
  try {
    for (const suffix of ['', '-wal', '-shm']) {
      // an empty one, left by a run that could not start, must not replace what is worth keeping
      if (isEmpty) rmSync(file + suffix, { force: true });
      else rmSync(`${file}.old${suffix}`, { force: true });
      if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.old${suffix}`);
    }
  } catch (cause) {
    throw new ConfigError(`the old journal ${file} cannot be moved aside`, [], {
      remedy: 'make its folder writable, or name another file with --journal',
      cause,
    });
  }
}
