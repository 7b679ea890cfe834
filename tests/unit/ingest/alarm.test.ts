import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { Alarm } from '../../../src/ingest/alarm.js';

const never = new AbortController().signal;

/** Nothing of this process goes on for so long. */
function block(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
}

test('what came in time postpones it, though it is read after its time', async () => {
  const { port1, port2 } = new MessageChannel();
  const alarm = new Alarm(100, never);
  try {
    port1.on('message', () => alarm.postpone());
    const told = once(port1, 'message');
    port2.postMessage('a picture');
    block(300);
    await told;
    expect(alarm.hasRung).toBe(false);
    await once(alarm.signal, 'abort'); // and then nothing comes any more
    expect(alarm.hasRung).toBe(true);
  } finally {
    alarm.stop();
    port1.close();
  }
});

test('once stopped it does not ring, also when its time was over', async () => {
  const alarm = new Alarm(10, never);
  setTimeout(() => alarm.stop(), 20);
  block(100);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setImmediate(resolve));
  expect([alarm.hasRung, alarm.signal.aborted]).toEqual([false, false]);
});

test('a process that stood still for long looks for two more seconds before it rings', async () => {
  const alarm = new Alarm(100, never);
  try {
    block(800);
    await new Promise((resolve) => setTimeout(resolve, 500)); // what the rest of a picture may take
    expect(alarm.hasRung).toBe(false);
    alarm.postpone();
    const startMs = performance.now();
    await once(alarm.signal, 'abort');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(95); // its own time again
  } finally {
    alarm.stop();
  }
});
