import { expect, test } from '@jest/globals';
import { KafkaPositions } from '../../src/kafka-positions.js';
import { type ConsumeSession, PositionedReader } from '../../src/kafka-reader.js';

/** As kafkajs tells what a broker answered. */
function protocolError(type: string): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
}

/** A topic of one record whose group answers the first subscriptions with errors. */
function readThrough(refusals: readonly Error[]) {
  const left = [...refusals];
  const values: (string | null)[] = [];
  let stopped = 0;
  const positions = new KafkaPositions('beginning');
  const subscribe = (): ConsumeSession => ({
    start: async ({ onRecords }) => {
      const refusal = left.shift();
      if (refusal !== undefined) throw refusal;
      const record = { partition: 0, offset: 0, key: null, value: 'a', headers: {}, timestampMs: 0 };
      void onRecords([record], () => Promise.resolve()).then(() => over.abort());
    },
    seek: () => {},
    stop: async () => void stopped++,
  });
  const over = new AbortController();
  const reader = new PositionedReader(positions, {
    name: 'labels',
    attempt: (_task, run) => run(),
    update: async () => positions.update([{ partition: 0, low: 0, high: 1 }]),
    heartbeatMs: 1000,
    subscribe,
  });
  const reading = reader.read(({ value }) => void values.push(value), { untilEnd: false }, over.signal);
  return reading.then(() => ({ values, stopped }));
}

test('a group that its broker is still loading is waited for, and every subscription is ended', async () => {
  const refusals = ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE'].map(protocolError);
  expect(await readThrough(refusals)).toEqual({ values: ['a'], stopped: 3 });
});

test('any other answer is told at once', async () => {
  await expect(readThrough([protocolError('GROUP_AUTHORIZATION_FAILED')])).rejects.toThrow('GROUP_AUTH');
});
