import { Rendezvous } from './rendezvous.js';

/**
 * Gives items one at a time, each when the one before is dealt with, until it is done or the signal aborts. What was given is
 * dealt with when the next one is asked for, and is not (false) when the loop was left at it.
 */
export type Pushing<T> = (give: (item: T) => Promise<boolean>, signal: AbortSignal) => Promise<void>;

/**
 * What `push` gives, to be looped over. It ends with `push`, with the signal, and when the loop is left or `return` is
 * called, also while an item is waited for; `push` is over by then. Throws what `push` throws.
 */
export function pull<T>(push: Pushing<T>, signal?: AbortSignal): AsyncGenerator<T, void, void> {
  const left = new AbortController();
  const items = yieldItems(push, left, signal);
  // a generator keeps these waiting until a `next` that is under way has an item
  const end = items.return.bind(items);
  const fail = items.throw.bind(items);
  items.return = (value) => {
    left.abort();
    return end(value);
  };
  items.throw = (error) => {
    left.abort();
    return fail(error);
  };
  return items;
}

async function* yieldItems<T>(
  push: Pushing<T>,
  left: AbortController,
  signal?: AbortSignal,
): AsyncGenerator<T, void, void> {
  const items = new Rendezvous<T>();
  const end = AbortSignal.any(signal === undefined ? [left.signal] : [left.signal, signal]);
  end.addEventListener('abort', () => items.end(), { once: true });
  left.signal.addEventListener('abort', () => items.leave(), { once: true });
  const pushing = push((item) => items.give(item), end).finally(() => items.end());
  // awaited below, where the loop ends
  pushing.catch(() => {});
  try {
    for (let item = await items.next(); item !== undefined; item = await items.next()) {
      if (end.aborted) break;
      yield item;
    }
    await pushing;
  } finally {
    left.abort();
    await pushing.catch(() => {});
  }
}
