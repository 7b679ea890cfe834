import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { PublishError } from '../errors.js';
import { toErrorCode } from './error-code.js';
import { type JournalFile, withSetting } from './journal-file.js';
import { APPLICATION_ID, MIGRATIONS } from './journal-schema.js';
import type { Connection } from './sqlite.js';

/** What a file says that it is. */
interface JournalKind {
  readonly applicationId: number;
  /** Of its tables. */
  readonly version: number;
}

/** How an SQLite file begins, and where its kind stands, in bytes. */
const HEADER = { bytes: 100, magic: 'SQLite format 3\0', version: 60, applicationId: 68 };

/** Throws PublishError when an SQLite file is somebody else's, or of a newer labelcast; reads only. */
export function checkKind(database: Connection, file: JournalFile): void {
  const tables = readNumber(database, 'SELECT count(*) AS value FROM sqlite_master');
  const applicationId = tables > 0 ? readPragma(database, 'application_id') : APPLICATION_ID;
  judgeKind({ applicationId, version: readPragma(database, 'user_version') }, file);
}

/** The same by the first bytes of the file, which nobody notices. */
export async function checkHeader(file: JournalFile): Promise<void> {
  const head = Buffer.alloc(HEADER.bytes);
  const opened = await open(file.path);
  try {
    await opened.read(head, 0, head.length, 0);
  } finally {
    await opened.close();
  }
  if (!head.toString('latin1').startsWith(HEADER.magic))
    throw Object.assign(new Error('no SQLite file'), { code: 'SQLITE_NOTADB' });
  const applicationId = head.readInt32BE(HEADER.applicationId);
  judgeKind({ applicationId, version: head.readInt32BE(HEADER.version) }, file);
}

function judgeKind({ applicationId, version }: JournalKind, file: JournalFile): void {
  const { path } = file;
  if (applicationId !== APPLICATION_ID)
    throw new PublishError(`${path} is an SQLite file, but not a labelcast journal`, {
      remedy: `name another file${withSetting(file)}`,
    });
  if (version > MIGRATIONS.length)
    throw new PublishError(
      `the journal ${path} was written by a newer labelcast (version ${version} of its tables; this one knows ${MIGRATIONS.length})`,
      { remedy: `update labelcast, or name another file${withSetting(file)}` },
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
export function toInUse(file: JournalFile): PublishError {
  const { path } = file;
  return new PublishError(`the journal ${path} is in use by ${readOwner(path)}`, {
    remedy: `wait until it ends, or name another file${withSetting(file)}`,
    retryable: true,
  });
}

/** Only tells people who holds the lock; it may be missing or left over. */
export function toOwnerPath(path: string): string {
  return `${path}-owner`;
}

/** The process that has a journal open, as far as it tells and can be seen from here; null: nobody. Asks for no lock. */
export function findOwner(path: string): number | null {
  const owner = readOwnerId(path);
  // one left over in a container may bear the number of this process
  return owner === null || owner === process.pid || !isRunning(owner) ? null : owner;
}

function readOwner(path: string): string {
  if (!existsSync(toOwnerPath(path))) return 'another process'; // it has the lock, and has not yet said who it is
  return `process ${readOwnerId(path) ?? 'unknown'}`;
}

function readOwnerId(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(toOwnerPath(path), 'utf8'), 10) || null;
  } catch {
    return null;
  }
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return toErrorCode(error) === 'EPERM'; // of another user
  }
}
