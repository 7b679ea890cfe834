import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type JournalFile, toJournalFailure } from './journal-failure.js';
import { checkKind, isBusy, readNumber, toInUse } from './journal-guard.js';
import type { InspectionReply, JournalState } from './journal-inspection.js';
import { type Connection, Database } from './sqlite.js';

/** Looking at more would take longer than a person waits. */
const MAX_CHECKED_BYTES = 256 << 20;
const HAS_EVENTS = "SELECT count(*) AS value FROM sqlite_master WHERE name = 'events'";

const file = workerData as JournalFile;
parentPort!.postMessage(toReply()); // this file only runs as a worker

function toReply(): InspectionReply {
  try {
    return { state: inspect() };
  } catch (error) {
    return { failure: toJournalFailure(isBusy(error) ? toInUse(file) : error, file) };
  }
}

function inspect(): JournalState {
  const bytes = statSync(file.path).size;
  const database = new Database(file.path);
  try {
    checkKind(database, file);
    const isChecked = bytes <= MAX_CHECKED_BYTES;
    if (isChecked) checkPages(database);
    const isNew = readNumber(database, HAS_EVENTS) === 0;
    return {
      events: isNew ? 0 : readNumber(database, 'SELECT count(*) AS value FROM events'),
      bytes,
      isChecked,
    };
  } finally {
    database.close();
  }
}

function checkPages(database: Connection): void {
  const { quick_check: verdict } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (verdict !== 'ok') throw Object.assign(new Error(verdict), { code: 'SQLITE_CORRUPT' });
}
