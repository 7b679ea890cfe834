import '../publish/disposal.js';
import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import { Authority, type Certificate } from '../../services/certificates.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { drivers } from './drivers.js';

const HERE = 'DNS:localhost,IP:127.0.0.1';
const TOPIC = 'none';
let kafka: KafkaCluster;
let authority: Authority;
let stranger: Authority;
let own: Certificate;
let foreign: Certificate;
let outdated: Certificate;

beforeAll(async () => {
  [authority, stranger] = await Promise.all([Authority.open(), Authority.open()]);
  const broker = await authority.sign('broker', HERE);
  const expired = await authority.sign('expired', HERE, 'past');
  const elsewhere = await authority.sign('elsewhere', 'DNS:kafka-1.example,DNS:kafka-2.example');
  own = await authority.sign('labelcast', 'DNS:labelcast');
  outdated = await authority.sign('outdated', 'DNS:labelcast', 'past');
  foreign = await stranger.sign('labelcast', 'DNS:labelcast');
  kafka = await startKafka({
    tls: {
      MUTUAL: { keyStore: broker.file, clientAuthorities: authority.file },
      EXPIRED: { keyStore: expired.file },
      ELSEWHERE: { keyStore: elsewhere.file },
    },
  });
});
afterAll(async () => {
  await kafka?.stop();
  authority?.close();
  stranger?.close();
});

type Tls = Exclude<KafkaConfig['ssl'], boolean>;

function trouble(what: string): string {
  return `cannot use ${TOPIC}: ${what}`;
}

function at(listener: string): string {
  return `Kafka at ${kafka.tlsBootstrap[listener]![0]}`;
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  /** Writes a record to a topic, or gives what the user would read. */
  async function write(listener: string, topic: string, ssl: Tls): Promise<PublishError | 'written'> {
    try {
      await using client = createClient({ ...toKafkaConfig(kafka.tlsBootstrap[listener]!), ssl });
      await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
      await using producer = client.createProducer();
      await producer.send(topic, 0, [{ key: 'k', value: 'v', headers: {}, timestampMs: Date.now() }]);
      return 'written';
    } catch (error) {
      return error as PublishError;
    }
  }

  test('a broker that wants a certificate from its clients gets it, its key encrypted or not', async () => {
    const { cert, key } = own;
    const passphrase = 'open sesame';
    const locked = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    const ca = authority.cert;
    expect(await write('MUTUAL', `${name}.open`, { ca, cert, key })).toBe('written');
    expect(await write('MUTUAL', `${name}.locked`, { ca, cert, key: String(locked), passphrase })).toBe(
      'written',
    );
    for (const topic of [`${name}.open`, `${name}.locked`])
      expect(await readWithKcat(kafka.bootstrap, topic)).toHaveLength(1);
    const attempts: [Partial<Tls>, string, RegExp][] = [
      [{}, 'ssl.key of the sink is encrypted', /^set ssl\.passphrase/],
      [{ passphrase: 'sesame' }, 'ssl.passphrase of the sink does not open ssl.key', /^check/],
    ];
    for (const [more, message, remedy] of attempts)
      expect(await write('MUTUAL', TOPIC, { ca, cert, key: String(locked), ...more })).toMatchObject({
        message,
        remedy: expect.stringMatching(remedy),
        retryable: false,
      });
  });

  test('a certificate that is missing, and one of an authority that the broker does not know', async () => {
    const ca = authority.cert;
    const remedy =
      'set ssl.cert and ssl.key of the sink to one that has not expired, of an authority that the brokers trust';
    expect(await write('MUTUAL', TOPIC, { ca })).toMatchObject({
      message: trouble(`${at('MUTUAL')} wants a certificate from its clients`),
      remedy,
      retryable: false,
    });
    for (const { cert, key } of [foreign, outdated])
      expect(await write('MUTUAL', TOPIC, { ca, cert, key })).toMatchObject({
        message: trouble(`${at('MUTUAL')} does not take the certificate under ssl of the sink`),
        remedy,
        retryable: false,
      });
  });

  test('a certificate without its key, and with the key of another', async () => {
    const { cert, key } = own;
    const [lone, mixed] = [{ cert }, { cert, key: foreign.key }];
    expect(await write('MUTUAL', TOPIC, lone)).toMatchObject({
      message: 'ssl.cert of the sink is alone',
      remedy: expect.stringMatching(/^set ssl\.cert and ssl\.key/),
    });
    expect(await write('MUTUAL', TOPIC, { key })).toMatchObject({ message: 'ssl.key of the sink is alone' });
    expect(await write('MUTUAL', TOPIC, mixed)).toMatchObject({
      message: 'ssl.cert and ssl.key of the sink do not belong together',
      retryable: false,
    });
  });

  test('a broker whose certificate has expired', async () => {
    expect(await write('EXPIRED', TOPIC, { ca: authority.cert })).toMatchObject({
      message: trouble(`the certificate of ${at('EXPIRED')} has expired`),
      remedy: expect.stringMatching(/^renew it there/),
      retryable: false,
    });
  });

  test('a broker whose certificate is for other hosts', async () => {
    expect(await write('ELSEWHERE', TOPIC, { ca: authority.cert })).toMatchObject({
      message: trouble(`the certificate of ${at('ELSEWHERE')} is for another name`),
      remedy: expect.stringMatching(/subjectAltName$/),
      retryable: false,
    });
  });
});
