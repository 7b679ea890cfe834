import { expect, test } from '@jest/globals';
import { toKafkaError } from '../../src/kafka-errors.js';

const ATTEMPT = {
  task: 'use a, b, c',
  brokers: ['kafak:9092'],
  user: null,
  hasCertificate: false,
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

test.each([
  ['CERT_NOT_YET_VALID', 'the certificate of Kafka at kafak:9092 is not valid yet', /clock/],
  ['CERT_HAS_EXPIRED', 'the certificate of Kafka at kafak:9092 has expired', /^renew it there/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)', /ssl\.ca/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'wants a certificate from its clients', /ssl\.cert/],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'wants a certificate from its clients', /ssl\.cert/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'Kafka at kafak:9092 does not answer in TLS', /TLS listener/],
])('%s: what is wrong with a certificate is told apart', (code, what, remedy) => {
  expect(toKafkaError(Object.assign(new Error('x'), { code }), ATTEMPT)).toMatchObject({
    message: expect.stringContaining(what),
    remedy: expect.stringMatching(remedy),
    retryable: false,
  });
});
