import { readFileSync } from 'node:fs';
import { PublishError } from '../errors.js';
import { toErrorCode } from './error-code.js';
import type { JournalFile } from './journal-failure.js';
import { APPLICATION_ID, MIGRATIONS } from './journal-schema.js';
import type { Connection } from './sqlite.js';

/** Throws PublishError when an SQLite file is somebody else's, or of a newer labelcast; reads only. */
export function checkKind(database: Connection, { path, setting }: JournalFile): void {
  const tables = readNumber(database, 'SELECT count(*) AS value FROM sqlite_master');
  if (tables > 0 && readPragma(database, 'application_id') !== APPLICATION_ID)
    throw new PublishError(`${path} is an SQLite file, but not a labelcast journal`, {
      remedy: `name another file with ${setting}`,
    });
  const version = readPragma(database, 'user_version');
  if (version > MIGRATIONS.length)
    throw new PublishError(
      `the journal ${path} was written by a newer labelcast (version ${version} of its tables; this one knows ${MIGRATIONS.length})`,
      { remedy: `update labelcast, or name another file with ${setting}` },
    );
}

export function readPragma(database: Connection, name: 'application_id' | 'user_version'): number {
  return readNumber(database, `SELECT ${name} AS value FROM pragma_${name}`);
}

/** The `value` of the one row of a query. */
export function readNumber(database: Connection, sql: string): number {
  return (database.prepare(sql).get() as { value: number }).value;
}

/** Whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return toErrorCode(error).startsWith('SQLITE_BUSY');
}

/** The error of a journal that another process holds; retryable. */
export function toInUse({ path, setting }: JournalFile): PublishError {
  return new PublishError(`the journal ${path} is in use by ${readOwner(path)}`, {
    remedy: `wait until it ends, or name another file with ${setting}`,
    retryable: true,
  });
}

/** Only tells people who holds the lock; it may be missing or left over. */
export function toOwnerPath(path: string): string {
  return `${path}-owner`;
}

function readOwner(path: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(toOwnerPath(path), 'utf8'), 10) || 'unknown'}`;
  } catch {
    return 'another process'; // it has the lock, and has not yet said who it is
  }
}
