import { constants, rmSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, PublishError } from '../errors.js';
import { type JournalHandle, openJournal } from './journal.js';
import { holdLog } from './log-hold.js';

/** A journal as it was at one moment, and its end. */
export interface JournalSnapshot extends AsyncDisposable {
  readonly journal: JournalHandle;
}

const ATTEMPTS = 10;
/** How an SQLite file begins. */
const MAGIC = 'SQLite format 3\0';
const OWN = 0o600;
/** Where a write-ahead log says of which generation it is. */
const SALT = { offset: 16, bytes: 8 };

/** A copy of a journal, in a folder of its own that goes when it is closed, at the latest with the process. */
export interface JournalCopy extends AsyncDisposable {
  readonly path: string;
}

/**
 * Opens a copy of a journal, so that one in use by another process can be read, nothing of it is changed and nobody is kept
 * from it; the copy lies in a folder of its own in `temporary` until it is closed. Throws ConfigError when there is no journal, or no
 * room, PublishError when it is not one or of a newer labelcast.
 */
export async function openSnapshot(file: string, temporary = tmpdir()): Promise<JournalSnapshot> {
  await refuseOther(file);
  const copy = await copyJournal(file, { temporary });
  try {
    const journal = await openJournal({ path: copy.path });
    return {
      journal,
      async [Symbol.asyncDispose]() {
        await journal[Symbol.asyncDispose]();
        await copy[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await copy[Symbol.asyncDispose]();
    if (!(error instanceof PublishError)) throw error;
    const remedy = error.remedy?.replace(' with --journal', '') ?? 'check that it is a whole journal';
    throw new PublishError(error.message.replaceAll(copy.path, file), { remedy, cause: error });
  }
}

/**
 * The same without opening it; `remedy`: what to do when there is no room for it. Throws ConfigError then, and a retryable
 * PublishError when the journal changes too fast.
 */
export async function copyJournal(
  file: string,
  { temporary = tmpdir(), remedy = ROOM }: { readonly temporary?: string; readonly remedy?: string } = {},
): Promise<JournalCopy> {
  const folder = await mkdtemp(join(temporary, 'labelcast-journal-')).catch((cause: unknown) => {
    throw new ConfigError(`no temporary folder can be made in ${temporary}`, [], { remedy, cause });
  });
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  };
  const path = join(folder, 'journal.db');
  try {
    await copyWhole(file, path, remedy);
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: remove };
}

const ROOM = 'set TMPDIR to a folder with room for a copy of the journal';

/** Throws ConfigError when a file is not there or does not begin as a journal does, before anything is copied: a film may be large. */
export async function refuseOther(file: string): Promise<void> {
  const head = Buffer.alloc(MAGIC.length);
  try {
    const opened = await open(file);
    try {
      await opened.read(head, 0, head.length, 0);
    } finally {
      await opened.close();
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'no reason given';
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`;
    throw new ConfigError(`the journal ${file} ${why}`, [], { remedy: 'check the path', cause });
  }
  if (head.toString('latin1') === MAGIC) return;
  const isEmpty = head.every((byte) => byte === 0);
  throw new ConfigError(`${file} is ${isEmpty ? 'empty' : 'not a labelcast journal'}`, [], {
    remedy: 'name a journal, or the folder of `labelcast tag -o`',
  });
}

/**
 * Copies database and log while somebody may be writing. Pages that change during the copy are those that the log holds, as
 * long as it is of one generation: only committed pages of the log go into the database, and the log is copied after it.
 * A log of another generation afterwards means that it was begun anew in between, and the copy is made again.
 */
async function copyWhole(file: string, copy: string, remedy: string): Promise<void> {
  const log = `${file}-wal`;
  using _hold = holdLog(file);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await toGeneration(file, log);
    try {
      await rm(`${copy}-wal`, { force: true });
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      await chmod(copy, OWN); // a journal may be read-only, its copy is opened like any other
      await copyFile(log, `${copy}-wal`, constants.COPYFILE_FICLONE)
        .then(() => chmod(`${copy}-wal`, OWN))
        .catch(missingAsNothing);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'no reason given';
      throw new ConfigError(`the journal ${file} cannot be copied (${code})`, [], { remedy, cause });
    }
    if ((await toGeneration(file, log)) === before) return;
  }
  throw new PublishError(`the journal ${file} changes too fast to be copied`, {
    remedy: 'try again when less is written to it, or once it is stopped',
    retryable: true,
  });
}

/** What changes whenever the log is begun anew; without a log, whenever the database is written. */
async function toGeneration(file: string, log: string): Promise<string> {
  const salt = Buffer.alloc(SALT.bytes);
  const opened = await open(log).catch(missingAsNothing);
  if (opened === undefined) return toState(file);
  try {
    const { bytesRead } = await opened.read(salt, 0, salt.length, SALT.offset);
    return bytesRead === salt.length ? salt.toString('hex') : await toState(file);
  } finally {
    await opened.close();
  }
}

async function toState(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  return `${ino} ${size} ${mtimeMs}`;
}

function missingAsNothing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
