import { parentPort, workerData } from 'node:worker_threads';
import { checkPages } from './journal-check.js';
import { toJournalFailure } from './journal-failure.js';
import { checkKind, readNumber } from './journal-guard.js';
import type { Inspection, InspectionReply } from './journal-inspection.js';
import { Database } from './sqlite.js';

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
    if (isFolded) database.exec('PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE');
    const isNew = readNumber(database, HAS_EVENTS) === 0;
    return isNew ? 0 : readNumber(database, 'SELECT count(*) AS value FROM events');
  } finally {
    database.close();
  }
}
