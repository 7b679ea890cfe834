import { PublishError } from '../../errors.js';

/** How long something may take at most, in milliseconds, and what ends it before. */
export interface Limit {
  readonly ms: number;
  readonly signal: AbortSignal;
}

/** Uses a client, and closes it: at the end, or once it took too long. Throws what `use` throws, or PublishError. */
export async function within<T>(
  { ms, signal }: Limit,
  client: AsyncDisposable,
  use: () => Promise<T>,
): Promise<T> {
  let giveUp = (_message: string): void => {};
  const givenUp = new Promise<never>((_, reject) => {
    const remedy = 'see whether the broker hangs, or the network loses what is sent';
    giveUp = (message) => reject(new PublishError(message, { remedy }));
  });
  const late = setTimeout(() => giveUp(`no answer came within ${ms / 1000} s`), ms);
  const onAbort = (): void => giveUp('interrupted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const used = use();
  used.catch(() => {}); // it may fail once it is given up
  try {
    return await Promise.race([used, givenUp]);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', onAbort);
    await client[Symbol.asyncDispose]();
  }
}
