import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { readSize } from './disk-room.js';
import { PublishError } from '../errors.js';
import { type JournalFailure, toJournalFailure } from './journal-failure.js';
import type { JournalFile } from './journal-file.js';
import { checkHeader, findOwner } from './journal-guard.js';
import { toPublishError } from './journal-host.js';
import { copyJournal } from './journal-snapshot.js';

/** A journal that can be used, with whole pages. */
export interface JournalState {
  /** null: it is too large to be looked through, its header alone was read. */
  readonly events: number | null;
  readonly bytes: number;
  /** The process that has it open; null: none that can be seen. */
  readonly owner: number | null;
}

/** What the thread that looks is given: a journal, and the path of its copy. */
export interface Inspection {
  readonly file: JournalFile;
  readonly copy: string;
  /** Its log is to be folded into the copy, which becomes one file. */
  readonly isFolded: boolean;
}

/** What it says at its end. */
export type InspectionReply = { readonly events: number } | { readonly failure: JournalFailure };

/** Copying and looking at more would take longer than a person waits. */
const MAX_CHECKED_BYTES = 256 << 20;
const INSPECTION_THREAD = new URL('./journal-inspection-thread.js', import.meta.url);

/**
 * Looks at a copy of a journal that is there, so that nobody is kept from it. Throws PublishError when it is damaged, somebody
 * else's or of a newer labelcast; a retryable one, or ConfigError, when the copy cannot be made.
 */
export async function inspectJournal(file: JournalFile): Promise<JournalState> {
  const bytes = [file.path, `${file.path}-wal`]
    .map((path) => readSize(path))
    .reduce((sum, size) => sum + size);
  const owner = findOwner(file.path);
  if (bytes === 0) return { events: 0, bytes, owner };
  if (bytes <= MAX_CHECKED_BYTES) return { events: await lookThrough(file), bytes, owner };
  await checkHeader(file).catch((error: unknown) => {
    throw toPublishError(toJournalFailure(error, file));
  });
  return { events: null, bytes, owner };
}

/** Resolves to the number of its events. */
async function lookThrough(file: JournalFile): Promise<number> {
  await using copy = await copyJournal(file.path);
  return await inspectCopy({ file, copy: copy.path, isFolded: false });
}

/** Looks through a copy; resolves to the number of its events. Throws PublishError, in which the copy is called as the journal. */
export async function inspectCopy(workerData: Inspection): Promise<number> {
  const { file } = workerData;
  // SQLite closes the copy once its statements are collected, which the end of a thread sees to
  const worker = new Worker(INSPECTION_THREAD, { workerData });
  let reply: InspectionReply | null = null;
  worker.once('message', (message: InspectionReply) => (reply = message));
  try {
    await once(worker, 'exit');
  } catch (cause) {
    throw new PublishError(`the journal ${file.path} cannot be looked at: ${String(cause)}`, { cause });
  }
  return toEvents(reply, file);
}

function toEvents(reply: InspectionReply | null, { path }: JournalFile): number {
  if (reply === null) throw new PublishError(`the journal ${path} cannot be looked at`);
  if ('failure' in reply) throw toPublishError(reply.failure);
  return reply.events;
}
