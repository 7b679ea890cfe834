import { expect, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import { warnOfPlainPassword } from '../../../src/config/plain-password.js';

function config(brokers: string[], rest: Partial<KafkaConfig> = {}): KafkaConfig {
  const sasl = { mechanism: 'plain', username: 'alice', password: 'wonder-land' } as const;
  return { ...toKafkaConfig(brokers), sasl, ...rest };
}

test('a password that crosses a network as it is, is warned about with what to do', () => {
  expect(warnOfPlainPassword(config(['127.0.0.1:9092', 'kafka-2:9092']))).toBe(
    'the password of alice goes to kafka-2:9092 unencrypted (PLAIN without TLS): set ssl, or use scram-sha-512',
  );
  for (const broker of ['10.0.0.5:9092', '[2001:db8::1]:9092', 'localhost.example:9092'])
    expect(warnOfPlainPassword(config([broker]))).toContain(` ${broker} `);
});

test('this machine, TLS, SCRAM and no login at all are not', () => {
  const far = ['kafka-2:9092'];
  const scram = { mechanism: 'scram-sha-256', username: 'alice', password: 'wonder-land' } as const;
  for (const silent of [
    config(['127.0.0.1:9092', 'localhost:9092', '[::1]:9092']),
    config(far, { ssl: true }),
    config(far, { ssl: {} }),
    config(far, { sasl: scram }),
    config(far, { sasl: null }),
  ])
    expect(warnOfPlainPassword(silent)).toBeNull();
});
