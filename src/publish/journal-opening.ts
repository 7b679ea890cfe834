import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkPages } from './journal-check.js';
import type { JournalFile } from './journal-file.js';
import { checkKind, isBusy, readPragma, toInUse, toOwnerPath } from './journal-guard.js';
import { APPLICATION_ID, MIGRATIONS } from './journal-schema.js';
import { type Connection, Database } from './sqlite.js';

/** Who looks at the file for a moment, or ends, must not keep a run from beginning. */
const LOCK_PATIENCE_MS = 2500;
/** The log is cut to that when it is begun anew: a large one, of a long change, does not stay. */
const LOG_BYTES = 16 << 20;

/**
 * Opens or creates a journal's file, locked, checked and with the tables of this version; `foundVersion`: that of before, 0
 * when it is new. Throws PublishError or what SQLite throws.
 */
export function openDatabase(file: JournalFile): { database: Connection; foundVersion: number } {
  const { path } = file;
  // SQLite would open what it cannot write, and say so late and in other words.
  for (const needed of [dirname(path), path])
    if (needed !== path || existsSync(path)) accessSync(needed, constants.W_OK);
  const database = new Database(path);
  lock(database, file);
  checkPages(database);
  const foundVersion = readPragma(database, 'user_version');
  const missing = MIGRATIONS.slice(foundVersion);
  const marks = `PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${MIGRATIONS.length};`;
  database.exec(['BEGIN IMMEDIATE;', ...missing, marks, 'COMMIT;'].join('\n'));
  return { database, foundVersion };
}

function lock(database: Connection, file: JournalFile): void {
  try {
    database.exec(`PRAGMA busy_timeout=${LOCK_PATIENCE_MS}`);
    database.exec('PRAGMA locking_mode=EXCLUSIVE');
    checkKind(database, file);
    database.exec('PRAGMA auto_vacuum=INCREMENTAL'); // of a new file only, and before its first page is written
    database.exec('PRAGMA journal_mode=WAL');
    database.exec('PRAGMA synchronous=FULL');
    database.exec(`PRAGMA journal_size_limit=${LOG_BYTES}`);
    database.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    throw isBusy(error) ? toInUse(file) : error;
  }
  writeFileSync(toOwnerPath(file.path), `${process.pid}\n`);
}
