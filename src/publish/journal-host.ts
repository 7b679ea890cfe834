import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PublishError } from '../errors.js';
import type { JournalDatabase } from './journal-database.js';
import type { JournalFailure } from './journal-failure.js';
import type { JournalFile } from './journal-file.js';
import type { JournalMethod, JournalReply, JournalRequest } from './journal-thread.js';

const JOURNAL_THREAD = new URL('./journal-thread.js', import.meta.url);

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: PublishError) => void;
}

/** The thread that owns the database, and the calls that it has not answered yet. */
export class JournalHost {
  /** Resolves to the position of the newest event once the file is open. */
  readonly opened: Promise<number>;
  readonly #path: string;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #calls = new Map<number, Call>();
  #lastId = 0;
  #isClosed = false;

  constructor(file: JournalFile) {
    const { path } = file;
    this.#path = path;
    this.#worker = new Worker(JOURNAL_THREAD, { workerData: file });
    this.#ended = once(this.#worker, 'exit').catch(() => {}); // an error is reported below, and followed by the exit
    this.opened = new Promise((resolve, reject) => this.#calls.set(0, { resolve, reject }));
    this.#worker.on('message', (reply: JournalReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#fail(`the journal ${path} failed: ${error.message}`, error));
    this.#worker.on('exit', () => this.#fail(`the journal ${path} is closed`));
  }

  call<Method extends JournalMethod>(
    method: Method,
    ...args: Parameters<JournalDatabase[Method]>
  ): Promise<ReturnType<JournalDatabase[Method]>> {
    if (this.#isClosed) return Promise.reject(new PublishError(`the journal ${this.#path} is closed`));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#post({ id, method, args });
    });
  }

  /** Resolves when the calls made before are answered and the thread has ended. */
  async close(): Promise<void> {
    if (!this.#isClosed) this.#post({ method: 'close' });
    this.#isClosed = true;
    await this.#ended;
  }

  #post(request: JournalRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(reply: JournalReply): void {
    const call = this.#calls.get(reply.id);
    this.#calls.delete(reply.id);
    if ('failure' in reply) call?.reject(toPublishError(reply.failure));
    else call?.resolve(reply.value as never);
  }

  #fail(message: string, cause?: Error): void {
    this.#isClosed = true;
    for (const { reject } of this.#calls.values()) reject(new PublishError(message, { cause }));
    this.#calls.clear();
  }
}

/** A failure that came from the thread, as the error it was there. */
export function toPublishError({ message, remedy, ...kind }: JournalFailure): PublishError {
  return new PublishError(message, remedy === undefined ? kind : { remedy, ...kind });
}
