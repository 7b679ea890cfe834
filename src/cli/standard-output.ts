import { once } from 'node:events';

/** Standard output as data: waits for a slow reader, and notices one that has gone. */
export class StandardOutput implements Disposable {
  readonly #closed = new AbortController();
  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') this.failure ??= error;
    this.#closed.abort();
  };
  /** Why nothing more can be written (a full disk), when it is not that the reader has gone. */
  failure: NodeJS.ErrnoException | null = null;

  constructor() {
    process.stdout.on('error', this.#onError);
  }

  /** Aborted when nobody reads any more (`| head`). */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Resolves when more may be written; does nothing once the reader has gone. */
  readonly write = async (text: string): Promise<void> => {
    if (this.closed.aborted || process.stdout.write(text)) return;
    await once(process.stdout, 'drain', { signal: this.closed }).catch(() => {});
  };

  [Symbol.dispose](): void {
    process.stdout.off('error', this.#onError);
  }
}
