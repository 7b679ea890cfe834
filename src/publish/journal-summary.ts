import { MIGRATIONS } from './journal-schema.js';
import type { Connection } from './sqlite.js';

/** What a sink has still to get. */
export interface SinkSummary {
  readonly name: string;
  /** Of the last event it has delivered. */
  readonly position: number;
  readonly pending: number;
}

/** What a journal holds, by numbers. Times are milliseconds since 1970. */
export interface JournalSummary {
  /** Of its tables, as they were found, and those of this labelcast. */
  readonly version: number;
  readonly newestVersion: number;
  readonly bytes: number;
  /** Without pages that are free. */
  readonly usedBytes: number;
  /** Free pages are given back to the disk. */
  readonly isGivenBack: boolean;
  readonly streams: number;
  readonly epochs: number;
  readonly events: number;
  readonly segments: number;
  readonly openSegments: number;
  /** Of score curves. */
  readonly scoreBlocks: number;
  /** When the oldest event held was committed, and the newest; null: there is none. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** From when on live streams are held whole, when something was removed with age; else null. */
  readonly wholeFromMs: number | null;
  readonly sinks: readonly SinkSummary[];
}

const COUNTS = {
  streams: `SELECT count(DISTINCT identity ->> 'streamId') AS value FROM epochs`,
  epochs: 'SELECT count(*) AS value FROM epochs',
  events: 'SELECT count(*) AS value FROM events',
  segments: 'SELECT count(*) AS value FROM segments',
  openSegments: 'SELECT count(*) AS value FROM segments WHERE end_ms IS NULL',
  scoreBlocks: 'SELECT count(*) AS value FROM scores',
  pages: 'SELECT page_count AS value FROM pragma_page_count',
  freePages: 'SELECT freelist_count AS value FROM pragma_freelist_count',
  pageBytes: 'SELECT page_size AS value FROM pragma_page_size',
  autoVacuum: 'SELECT auto_vacuum AS value FROM pragma_auto_vacuum',
} as const;

const TIMES = {
  oldestMs: 'SELECT committed_ms AS value FROM events ORDER BY position LIMIT 1',
  newestMs: 'SELECT committed_ms AS value FROM events ORDER BY position DESC LIMIT 1',
  wholeFromMs: 'SELECT max(whole_from_ms) AS value FROM epochs',
} as const;

const SINKS = `SELECT name, position, (SELECT count(*) FROM events WHERE events.position > sinks.position) AS pending
  FROM sinks ORDER BY name`;

/** Reads all of a journal's indexes; `version`: as it was found. */
export function summariseJournal(database: Connection, version: number): JournalSummary {
  const read = (sql: string): number | null =>
    (database.prepare(sql).get([]) as { value: number | null } | undefined)?.value ?? null;
  const { pages, freePages, pageBytes, autoVacuum, ...counts } = mapValues(COUNTS, (sql) => read(sql) ?? 0);
  return {
    version,
    newestVersion: MIGRATIONS.length,
    bytes: pages * pageBytes,
    usedBytes: (pages - freePages) * pageBytes,
    isGivenBack: autoVacuum !== 0,
    ...counts,
    ...mapValues(TIMES, read),
    sinks: (database.prepare(SINKS).all([]) as SinkSummary[]).map(({ name, position, pending }) => ({
      name,
      position,
      pending,
    })),
  };
}

/** What the pages are written to first, in a file: libsql is built to keep it in memory, where a large journal has no room. */
const REWRITE = [
  'PRAGMA temp_store=FILE',
  'PRAGMA auto_vacuum=INCREMENTAL',
  'VACUUM',
  'PRAGMA wal_checkpoint(TRUNCATE)',
];

/** Writes all pages anew, in the form that gives free ones back, and empties the log. */
export function rewriteJournal(database: Connection): void {
  for (const sql of REWRITE) database.exec(sql);
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  to: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries(record) as [Key, From][];
  return Object.fromEntries(entries.map(([key, value]) => [key, to(value)])) as Record<Key, To>;
}
