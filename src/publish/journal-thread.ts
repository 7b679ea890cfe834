import { parentPort, workerData } from 'node:worker_threads';
import { JournalDatabase } from './journal-database.js';
import { type JournalFailure, toJournalFailure } from './journal-failure.js';
import type { JournalFile } from './journal-file.js';

/** The database's methods that may be called from outside the thread. */
export type JournalMethod = Exclude<keyof JournalDatabase, 'close'>;

/** A call, answered in the order of arrival; `close` is answered by the end of the thread. */
export type JournalRequest =
  | { readonly id: number; readonly method: JournalMethod; readonly args: readonly unknown[] }
  | { readonly method: 'close' };

/** The answer to the call of this id; id 0 answers the opening of the file. */
export type JournalReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: JournalFailure };

const file = workerData as JournalFile;
const port = parentPort!; // this file only runs as a worker

try {
  const database = new JournalDatabase(file.path, file.setting);
  port.on('message', (request: JournalRequest) => {
    if (request.method === 'close') {
      database.close();
      port.close();
    } else {
      port.postMessage(answer(database, request));
    }
  });
  reply({ id: 0, value: database.lastPosition() });
} catch (error) {
  reply({ id: 0, failure: toJournalFailure(error, file) });
}

function answer(
  database: JournalDatabase,
  request: Exclude<JournalRequest, { method: 'close' }>,
): JournalReply {
  const { id, method, args } = request;
  try {
    const call = database[method] as (...args: unknown[]) => unknown;
    return { id, value: call.apply(database, [...args]) };
  } catch (error) {
    return { id, failure: toJournalFailure(error, file) };
  }
}

function reply(message: JournalReply): void {
  port.postMessage(message);
}
