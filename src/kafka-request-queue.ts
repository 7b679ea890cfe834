import { createRequire } from 'node:module';

/** As much of what kafkajs 2.2.4 keeps to itself as is needed to have its queues rest. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Has the connections of kafkajs wake up only for requests that wait. 2.2.4 looks for them whenever it has looked, about
 * 1000 times a second on each connection, also when there are none (tulios/kafkajs #1704): 2 % of a core while nothing is
 * sent. A request that is put on the queue plans that look itself, so that none is missed. Does nothing to a kafkajs that
 * has no such queue.
 */
export function calmRequestQueues(): void {
  const queue = readPrototype();
  const schedule: unknown = queue && Reflect.get(queue, 'scheduleCheckPendingRequests');
  if (queue === null || typeof schedule !== 'function') return;
  queue.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0) Reflect.apply(schedule, this, []);
  };
}

function readPrototype(): RequestQueue | null {
  try {
    const load = createRequire(import.meta.url) as (path: string) => { readonly prototype: RequestQueue };
    return load('kafkajs/src/network/requestQueue/index.js').prototype;
  } catch {
    return null; // another kafkajs
  }
}
