import { parentPort, workerData } from 'node:worker_threads';
import { checkPages } from './journal-check.js';
import { toJournalFailure } from './journal-failure.js';
import { checkKind, readNumber } from './journal-guard.js';
import type { Inspection, InspectionReply } from './journal-inspection.js';
import { type Connection, Database } from './sqlite.js';

const HAS_EVENTS = "SELECT count(*) AS value FROM sqlite_master WHERE name = 'events'";

const { file, copy, isFolded } = workerData as Inspection;
parentPort!.postMessage(toReply()); // this file only runs as a worker

function toReply(): InspectionReply {
  try {
    return { events: inspect() };
  } catch (error) {
    return { failure: toJournalFailure(error, file) };
  }
}

function inspect(): number {
  const database = new Database(copy);
  try {
    checkKind(database, file);
    checkPages(database, true);
    if (isFolded) fold(database);
    const isNew = readNumber(database, HAS_EVENTS) === 0;
    return isNew ? 0 : readNumber(database, 'SELECT count(*) AS value FROM events');
  } finally {
    database.close();
  }
}

/** Makes one file of a copy. What is put back begins new epochs of cameras: the numbers that follow are taken. */
function fold(database: Connection): void {
  database.exec('PRAGMA synchronous=FULL');
  if (readNumber(database, HAS_EVENTS) > 0)
    database.exec(
      `UPDATE epochs SET identity = json_set(identity, '$.isOfBackup', json('true')) WHERE identity ->> 'kind' = 'live'`,
    );
  database.exec('PRAGMA journal_mode=DELETE');
}
