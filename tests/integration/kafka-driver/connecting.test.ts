import '../publish/disposal.js';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { allow } from '../../services/kafka-admin.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { drivers } from './drivers.js';

const USERS = { admin: 'admin-secret', alice: 'wonder-land', bob: 'builder-s' };
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka({ users: USERS, isAuthorized: true });
});
afterAll(() => kafka?.stop());

type Mechanism = NonNullable<KafkaConfig['sasl']>['mechanism'];

function secure(username: keyof typeof USERS, mechanism: Mechanism = 'scram-sha-512'): KafkaConfig {
  return {
    ...toKafkaConfig(kafka.secureBootstrap),
    ssl: { ca: kafka.certificate },
    sasl: { mechanism, username, password: USERS[username] },
  };
}

describe.each(drivers)('$name', ({ name, createClient }) => {
  /** Makes a topic and writes to it, or gives what the user would read, which has to be fit for that. */
  async function write(config: KafkaConfig, topic = `${name}.t`): Promise<PublishError | 'written'> {
    try {
      await using client = createClient(config);
      await client.ensureTopics([{ name: topic, cleanup: 'delete' }]);
      await using producer = client.createProducer();
      await producer.connect();
      await producer.send(topic, 0, [{ key: 'k', value: 'v', headers: {}, timestampMs: Date.now() }]);
      return 'written';
    } catch (error) {
      const { message, remedy, name: kind } = error as PublishError;
      const isOneLine = !message.includes('\n');
      const hasSecret = Object.values(USERS).some((secret) => message.includes(secret));
      expect([kind, isOneLine, (remedy ?? '').length > 0, hasSecret]).toEqual([
        'PublishError',
        true,
        true,
        false,
      ]);
      return error as PublishError;
    }
  }

  test.each(['scram-sha-512', 'scram-sha-256', 'plain'] as const)('logs in over TLS with %s', async (how) => {
    const topic = `${name}.${how}`;
    expect(await write(secure('admin', how), topic)).toBe('written');
    expect(await readWithKcat(kafka.bootstrap, topic)).toHaveLength(1);
  });

  test.each(['scram-sha-512', 'plain'] as const)('a wrong password with %s', async (mechanism) => {
    const { sasl, ...config } = secure('alice', mechanism);
    expect(await write({ ...config, sasl: { ...sasl!, password: 'wrong' } })).toMatchObject({
      message: `cannot use ${name}.t: Kafka at ${kafka.secureBootstrap[0]} refuses the login of alice`,
      retryable: false,
    });
  });

  test('a certificate of an authority that nobody named', async () => {
    expect(await write({ ...secure('alice'), ssl: true })).toMatchObject({
      message: expect.stringMatching(
        /: the certificate of Kafka at \S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
      ),
      remedy: expect.stringMatching(/ssl\.ca/),
      retryable: false,
    });
  });

  test('an authority that is no certificate', async () => {
    expect(await write({ ...secure('alice'), ssl: { ca: 'ca.pem' } })).toMatchObject({
      message: 'the certificates or the key under ssl of the sink cannot be read',
      retryable: false,
    });
  });

  test('a topic without the right to write to it', async () => {
    const topic = `${name}-bob.t`;
    await allow(kafka.bootstrap, 'bob', [
      ['topic', topic, 'CREATE'],
      ['topic', topic, 'DESCRIBE'],
    ]);
    expect(await write(secure('bob'), topic)).toMatchObject({
      message: expect.stringMatching(/^cannot write: Kafka at \S+ does not allow it to bob$/),
      retryable: false,
    });
    await allow(kafka.bootstrap, 'bob', [['topic', topic, 'WRITE']]);
    expect(await write(secure('bob'), topic)).toBe('written');
  });

  test('TLS to a port without it, and the other way round', async () => {
    const config = { ...toKafkaConfig(kafka.bootstrap), ssl: true };
    expect(await write(config)).toMatchObject({ remedy: expect.stringMatching(/TLS/) });
    expect(await write(toKafkaConfig(kafka.secureBootstrap))).toMatchObject({
      message: expect.stringMatching(/closed the connection$/),
      remedy: expect.stringMatching(/TLS/),
    });
  });

  test('a port where nobody listens, and a host without an address, may be tried again', async () => {
    expect(await write(toKafkaConfig(['127.0.0.1:1']))).toMatchObject({
      message: 'Kafka at 127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED)',
      remedy: expect.stringMatching(/^check the port/),
      retryable: true,
    });
    expect(await write(toKafkaConfig(['no-such-host.invalid:9092']))).toMatchObject({
      message: expect.stringMatching(/cannot be reached: its name is not known \((?:ENOTFOUND|EAI_AGAIN)\)$/),
      remedy: expect.stringMatching(/^check the name/),
      retryable: true,
    });
  });

  const WEB = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n';

  test.each([
    { what: 'accepts and never answers', answer: null },
    { what: 'is none of Kafka', answer: WEB },
  ])('a server that $what is left, and may be tried again', async ({ answer }) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      if (answer !== null) socket.once('data', () => socket.write(answer));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    try {
      expect(await write(toKafkaConfig([`127.0.0.1:${port}`]))).toMatchObject({
        message: `Kafka at 127.0.0.1:${port} does not answer in time`,
        retryable: true,
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('one broker of several is enough', async () => {
    const { brokers, ...config } = toKafkaConfig(kafka.bootstrap);
    expect(await write({ ...config, brokers: ['127.0.0.1:1', ...brokers] })).toBe('written');
  });
});
