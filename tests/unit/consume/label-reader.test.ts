import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { readLabels } from '../../../src/consume/label-reader.js';
import { PublishError } from '../../../src/errors.js';
import { toTopics } from '../../../src/events.js';
import type { KafkaReader } from '../../../src/kafka-client.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import { eventContext } from '../publish/samples.js';

const GIVE_UP_MS = 1000;

test('the time that a listener takes is not counted as time without brokers', async () => {
  const event = new EventWriter(eventContext('cat')).complete(4000, 0);
  const [first] = toTopicRecords({ position: 1, event, json: '', committedMs: 0 }, toTopics());
  const lost = new PublishError('the session is lost', { retryable: true });
  let calls = 0;
  const reader: KafkaReader = {
    read: async (onRecord) => {
      if (++calls > 1) return;
      await onRecord({ ...first!.record, partition: 0, offset: 0 });
      throw lost;
    },
  };
  const told: unknown[] = [];
  const listener = {
    event: () => pause(GIVE_UP_MS + 100),
    finding: (finding: unknown) => void told.push(finding),
    trouble: (error: Error) => void told.push(error),
  };
  const options = { untilEnd: true, giveUpAfterMs: GIVE_UP_MS };
  await readLabels(reader, listener, options, new AbortController().signal);
  expect([calls, told]).toEqual([2, [lost]]);
});

test('a clock that is set back does not make brokers be waited for any longer', async () => {
  const lost = new PublishError('no broker answers', { retryable: true });
  const reader: KafkaReader = { read: () => Promise.reject(lost) };
  const utc = Date.now;
  const trouble = (): void => void (Date.now = () => utc() - 3_600_000);
  const listener = { event: () => {}, finding: () => {}, trouble };
  const options = { untilEnd: false, giveUpAfterMs: GIVE_UP_MS };
  try {
    await expect(readLabels(reader, listener, options, new AbortController().signal)).rejects.toBe(lost);
  } finally {
    Date.now = utc;
  }
});
