import { afterEach, expect, jest, test } from '@jest/globals';
import {
  EpochProducer,
  TRANSACTION_TIMEOUT_MS,
  type TransactionSession,
} from '../../src/kafka-transactions.js';

const FENCED = Object.assign(new Error('fenced'), { type: 'INVALID_PRODUCER_EPOCH' });
const send = (): Promise<void> => Promise.resolve();

afterEach(() => {
  jest.useRealTimers();
});

/** A producer whose commits end as they are told to, in turn; then they succeed. */
function toProducer(...commits: ('done' | 'fenced' | (() => void))[]): EpochProducer {
  const commit = (): Promise<void> => {
    const next = commits.shift() ?? 'done';
    if (typeof next === 'function') next();
    return next === 'done' ? Promise.resolve() : Promise.reject(FENCED);
  };
  const session: TransactionSession = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: (requests) => Promise.resolve([...requests]),
    commit,
    takeEnds: () => new Map(),
  };
  return new EpochProducer('id', {
    attempt: (_, run) => run(),
    create: () => session,
    explain: () => Promise.resolve(),
  });
}

async function transact(producer: EpochProducer): Promise<unknown> {
  await producer.connect();
  return producer.transact(send);
}

test('one that has committed and is fenced ends for good', async () => {
  const producer = toProducer('done', 'fenced');
  await transact(producer);
  const ended = expect.objectContaining({
    retryable: false,
    message: expect.stringMatching(/^another labelcast has taken over/),
  });
  await expect(transact(producer)).rejects.toEqual(ended);
});

test('one that is fenced before its first commit begins anew, but not a second time', async () => {
  const producer = toProducer('fenced', 'fenced');
  const overtaken = expect.objectContaining({ retryable: true });
  await expect(transact(producer)).rejects.toEqual(overtaken);
  await expect(transact(producer)).rejects.toMatchObject({ retryable: false });
});

test('one that began anew and has committed ends for good like any other', async () => {
  const producer = toProducer('fenced', 'done', 'fenced');
  await expect(transact(producer)).rejects.toMatchObject({ retryable: true });
  await transact(producer);
  await expect(transact(producer)).rejects.toMatchObject({ retryable: false });
});

test('a machine that slept amid a transaction is not taken for another labelcast', async () => {
  jest.useFakeTimers({ doNotFake: ['performance'] }); // which stands still meanwhile
  const producer = toProducer('done', () => jest.setSystemTime(Date.now() + TRANSACTION_TIMEOUT_MS + 1000));
  await transact(producer);
  await expect(transact(producer)).rejects.toMatchObject({
    retryable: true,
    message: 'a transaction took 21 s, and Kafka has ended it',
  });
});
