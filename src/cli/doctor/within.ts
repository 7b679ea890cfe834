import { PublishError } from '../../errors.js';

/** Uses a client for `ms` milliseconds at most, and closes it. Throws what `use` throws, or PublishError when it took too long. */
export async function within<T>(ms: number, client: AsyncDisposable, use: () => Promise<T>): Promise<T> {
  let giveUp = (): void => {};
  const givenUp = new Promise<never>((_, reject) => {
    const remedy = 'see whether the broker hangs, or the network loses what is sent';
    giveUp = () => reject(new PublishError(`no answer came within ${ms / 1000} s`, { remedy }));
  });
  const late = setTimeout(giveUp, ms);
  const used = use();
  used.catch(() => {}); // it may fail once it is given up
  try {
    return await Promise.race([used, givenUp]);
  } finally {
    clearTimeout(late);
    await client[Symbol.asyncDispose]();
  }
}
