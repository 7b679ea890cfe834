import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { LabelEventData } from '../../src/types.js';

/** A label event in the topic; times are UTC, ms since 1970. */
export interface TopicEvent {
  readonly data: LabelEventData;
  /** By the broker's clock, if the topic has append times. */
  readonly appendedMs: number;
  readonly receivedMs: number;
}

/** A consumer of a topic, from its end on. */
export interface TopicWatch {
  readonly events: readonly TopicEvent[];
  close(): Promise<void>;
}

/** Follows a topic, which must exist, with kcat. */
export function watchTopic(broker: string, topic: string): TopicWatch {
  const child = spawn('kcat', ['-b', broker, '-C', '-t', topic, '-o', 'end', '-u', '-q', '-J'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: TopicEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const receivedMs = performance.timeOrigin + performance.now();
    const { payload, ts, tstype } = JSON.parse(line) as { payload: string; ts: number; tstype: string };
    if (tstype !== 'logappend') throw new Error(`the topic ${topic} has no append times, but ${tstype}`);
    events.push({ data: JSON.parse(payload) as LabelEventData, appendedMs: ts, receivedMs });
  });
  return {
    events,
    async close() {
      const end = once(child, 'close');
      child.kill('SIGTERM');
      await end;
    },
  };
}
