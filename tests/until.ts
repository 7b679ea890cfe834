import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something holds; throws, with its name, when it does not within `withinMs`: two minutes, as a busy machine is slow. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 50, withinMs = 120_000 }: { readonly everyMs?: number; readonly withinMs?: number } = {},
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await wait(everyMs);
  }
}
