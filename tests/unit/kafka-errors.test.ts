import { expect, test } from '@jest/globals';
import { toKafkaError } from '../../src/kafka-errors.js';

const ATTEMPT = {
  task: 'use a, b, c',
  brokers: ['kafak:9092'],
  user: null,
  hasWorked: false,
  hasTopics: false,
};

test.each([
  ['ENOTFOUND', 'its name is not known', /name of the host, and the DNS/],
  ['EAI_AGAIN', 'its name is not known', /name of the host, and the DNS/],
  ['EHOSTUNREACH', 'no network leads there', /network/],
  ['ECONNREFUSED', 'nothing listens there', /port/],
])('%s: a name, a network and a port are told apart', (code, why, remedy) => {
  expect(toKafkaError(Object.assign(new Error('x'), { code }), ATTEMPT)).toMatchObject({
    message: `Kafka at kafak:9092 cannot be reached: ${why} (${code})`,
    remedy: expect.stringMatching(remedy),
    retryable: true,
  });
});
