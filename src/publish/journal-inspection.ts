import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PublishError } from '../errors.js';
import type { JournalFailure, JournalFile } from './journal-failure.js';
import { toPublishError } from './journal-host.js';

/** A journal that nobody uses. */
export interface JournalState {
  readonly events: number;
  readonly bytes: number;
  /** Every page was looked at; false: it is too large for that. */
  readonly isChecked: boolean;
}

/** What the thread that looks says at its end. */
export type InspectionReply = { readonly state: JournalState } | { readonly failure: JournalFailure };

const INSPECTION_THREAD = new URL('./journal-inspection-thread.js', import.meta.url);

/**
 * Looks at a journal that is there, changing nothing of what it holds. Throws PublishError when it is damaged, somebody
 * else's or of a newer labelcast; a retryable one when a process uses it. Nobody else in this process may have it open.
 */
export async function inspectJournal(file: JournalFile): Promise<JournalState> {
  // SQLite closes the file once its statements are collected, which the end of a thread sees to
  const worker = new Worker(INSPECTION_THREAD, { workerData: file });
  let reply: InspectionReply | null = null;
  worker.once('message', (message: InspectionReply) => (reply = message));
  try {
    await once(worker, 'exit');
  } catch (cause) {
    throw new PublishError(`the journal ${file.path} cannot be looked at: ${String(cause)}`, { cause });
  }
  return toState(reply, file);
}

function toState(reply: InspectionReply | null, { path }: JournalFile): JournalState {
  if (reply === null) throw new PublishError(`the journal ${path} cannot be looked at`);
  if ('failure' in reply) throw toPublishError(reply.failure);
  return reply.state;
}
