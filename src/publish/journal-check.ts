import { readNumber } from './journal-guard.js';
import type { Connection } from './sqlite.js';

/** A journal whose pages do not fit together; `verdict`: what SQLite says of it. */
class DamagedPages extends Error {
  readonly code = 'SQLITE_CORRUPT';
  readonly verdict: string;

  constructor(verdict: string) {
    super(verdict);
    this.verdict = verdict.replace('*** in database main ***', '').replaceAll(/\s+/g, ' ').trim();
  }
}

/** Looking through more takes longer than a start may: about a second and a half. */
const MAX_CHECKED_BYTES = 256 << 20;
/** What a run begins with. */
const NEEDED = ['sqlite_schema', 'epochs', 'sinks'];

/**
 * Throws an error with the code SQLITE_CORRUPT when pages of the file are damaged: by all of them, or, of one larger than
 * 256 MiB, by those that a run begins with; what is damaged elsewhere is told when it is read. `isWhole`: all, whatever it takes.
 */
export function checkPages(database: Connection, isWhole = false): void {
  const bytes = readNumber(
    database,
    'SELECT page_count * page_size AS value FROM pragma_page_count, pragma_page_size',
  );
  if (isWhole || bytes <= MAX_CHECKED_BYTES) return check(database, '1');
  const tables = database.prepare('SELECT name FROM sqlite_master').all([]) as { name: string }[];
  for (const table of NEEDED)
    if (table === 'sqlite_schema' || tables.some(({ name }) => name === table)) check(database, `'${table}'`);
}

function check(database: Connection, what: string): void {
  const { quick_check: verdict } = database.prepare(`PRAGMA quick_check(${what})`).get([]) as {
    quick_check: string;
  };
  if (verdict !== 'ok') throw new DamagedPages(verdict);
}

/** What SQLite says of damaged pages; null: an error tells nothing of them. */
export function toVerdict(error: unknown): string | null {
  return error instanceof DamagedPages ? error.verdict : null;
}
