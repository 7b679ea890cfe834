import { createHook } from 'node:async_hooks';

/** How long is counted. */
export const TICKS = { everyMs: 20, count: 50 };

/** How many timers begin while others tick. */
export async function countTimers(): Promise<number> {
  let timers = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'Timeout' && timers++) });
  await new Promise<void>((resolve) => {
    let ticks = 0;
    const ticking = setInterval(() => {
      if (++ticks < TICKS.count) return;
      clearInterval(ticking);
      resolve();
    }, TICKS.everyMs);
    hook.enable();
  });
  hook.disable();
  return timers;
}
