import type { KafkaConfig } from './config.js';
import { isLoopback } from './loopback.js';

/** What to say, with what to do, of a password that would cross a network unencrypted; null: none does. */
export function warnOfPlainPassword({ brokers, ssl, sasl }: KafkaConfig): string | null {
  if (sasl?.mechanism !== 'plain' || ssl !== false) return null;
  const far = brokers.find((broker) => !isLoopback(toHost(broker)));
  if (far === undefined) return null;
  return `the password of ${sasl.username} goes to ${far} unencrypted (PLAIN without TLS): set ssl, or use scram-sha-512`;
}

function toHost(broker: string): string {
  return broker.slice(0, broker.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
