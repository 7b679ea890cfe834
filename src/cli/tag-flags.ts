import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, PublishError } from '../errors.js';
import type { LogLevel } from '../log-levels.js';
import { openJournal } from '../publish/journal.js';
import { makeFolder } from './output-folder.js';

/** The flags of `labelcast tag` that are not part of the config. */
export interface TagFlags {
  readonly output?: string;
  readonly json?: boolean;
  readonly table?: boolean;
  readonly labels?: readonly string[];
  /** HOST:PORT of brokers to which the events go too. */
  readonly kafka?: readonly string[];
  readonly journal?: string;
  readonly fresh?: boolean;
  readonly resume?: boolean;
  /** Seconds. */
  readonly deliverTimeout: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly progress: boolean;
  /** http(s) sources have no end. */
  readonly live?: boolean;
  /** Seconds; live sources. */
  readonly duration?: number;
  /** Seconds without a frame; live sources. */
  readonly giveUpAfter: number;
  /** Of the loopback address; 0: any. */
  readonly metricsPort?: number;
}

/** Where the journal of a run lies; a private one is deleted when all went well. */
export interface JournalPlace {
  readonly file: string;
  readonly isPrivate: boolean;
}

/**
 * Decides where the journal lies and makes the folder of -o: --journal, else the config, else DIR/journal.db, else a private
 * file; --fresh moves an old one aside. Throws ConfigError when --resume finds none or the folder cannot be made,
 * PublishError when another process uses the one to be moved.
 */
export async function placeJournal(flags: TagFlags, configured: string | undefined): Promise<JournalPlace> {
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
  if (flags.output !== undefined) makeFolder(flags.output);
  if (flags.fresh && existsSync(file)) await moveAside(file);
  return { file, isPrivate: false };
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
