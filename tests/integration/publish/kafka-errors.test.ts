import './disposal.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import type { PublishError } from '../../../src/errors.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { allow, makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { Committer } from './committer.js';

const USERS = { admin: 'admin-secret', alice: 'wonder-land', bob: 'builder-s' };
let kafka: KafkaCluster;
let folder: string;
let journal: JournalHandle;
let runs = 0;
/** Of the last delivery. */
let warnings: string[] = [];

beforeAll(async () => {
  kafka = await startKafka({ users: USERS, isAuthorized: true });
  folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-errors-'));
  journal = await openJournal({ path: join(folder, 'journal.db') });
  const stream = await Committer.open(journal, 'cat');
  for (let n = 0; n < 20; n++) await stream.commit();
});
afterAll(async () => {
  await journal?.[Symbol.asyncDispose]();
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Mechanism = NonNullable<KafkaConfig['sasl']>['mechanism'];

function secure(username: keyof typeof USERS, mechanism: Mechanism = 'scram-sha-512'): KafkaConfig {
  return {
    ...toKafkaConfig(kafka.secureBootstrap),
    topicPrefix: username,
    ssl: { ca: kafka.certificate },
    sasl: { mechanism, username, password: USERS[username] },
  };
}

/**
 * Delivers the journal, or gives what the user would read; the sink's name is new each time. `isPatient`: trouble that may
 * pass is waited for; else the user gives up when told of it.
 */
async function deliver(config: KafkaConfig, isPatient = true): Promise<PublishError | 'delivered'> {
  try {
    warnings = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const enough = new AbortController();
    const onTrouble = (): void => void (isPatient || enough.abort());
    await using sink = createKafkaSink({ name: `kafka${++runs}`, config, live: null, onWarning });
    await using relay = await openRelay({ journal, sink, onTrouble });
    await relay.flush(AbortSignal.any([enough.signal, AbortSignal.timeout(180_000)]));
    return 'delivered';
  } catch (error) {
    const { message, remedy, name } = error as PublishError;
    expect({ name, hasRemedy: (remedy ?? '').length > 0, isOneLine: !message.includes('\n') }).toEqual({
      name: 'PublishError',
      hasRemedy: true,
      isOneLine: true,
    });
    for (const secret of Object.values(USERS)) expect(message).not.toContain(secret);
    return error as PublishError;
  }
}

test.each(['scram-sha-512', 'scram-sha-256', 'plain'] as const)(
  'events go out over TLS with %s',
  async (mechanism) => {
    const config = { ...secure('admin', mechanism), topicPrefix: mechanism };
    expect(await deliver(config)).toBe('delivered');
    expect(await readWithKcat(kafka.bootstrap, `${mechanism}.labels`)).toHaveLength(40);
  },
);

test.each(['scram-sha-512', 'plain'] as const)('a wrong password with %s', async (mechanism) => {
  const config = secure('alice', mechanism);
  expect(await deliver({ ...config, sasl: { ...config.sasl!, password: 'wrong' } })).toMatchObject({
    message: `cannot use alice.labels, alice.state, alice.streams: Kafka at ${kafka.secureBootstrap[0]} refuses the login of alice`,
    retryable: false,
  });
});

test('a certificate of an authority that nobody named', async () => {
  expect(await deliver({ ...secure('alice'), ssl: true })).toMatchObject({
    message: expect.stringMatching(
      /: the certificate of Kafka at \S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    ),
    remedy: expect.stringMatching(/ssl\.ca/),
    retryable: false,
  });
});

test('an authority that is no certificate', async () => {
  expect(await deliver({ ...secure('alice'), ssl: { ca: 'ca.pem' } })).toMatchObject({
    message: 'the certificates or the key under ssl of the sink cannot be read',
    retryable: false,
  });
});

test('a missing topic without the right to create it', async () => {
  expect(await deliver(secure('alice'))).toMatchObject({
    message: expect.stringMatching(
      /^cannot create alice\.labels, alice\.state, alice\.streams: Kafka at \S+ does not allow it to alice$/,
    ),
    retryable: false,
  });
});

test('a topic without the right to write to it', async () => {
  await allow(kafka.bootstrap, 'bob', [
    ['topic', 'bob.', 'CREATE'],
    ['topic', 'bob.', 'DESCRIBE'],
  ]);
  expect(await deliver(secure('bob'))).toMatchObject({
    message: expect.stringMatching(/^cannot write: Kafka at \S+ does not allow it to bob$/),
    retryable: false,
  });
  await allow(kafka.bootstrap, 'bob', [['topic', 'bob.', 'WRITE']]);
  expect(await deliver(secure('bob'))).toBe('delivered');
});

test('a topic name that no broker takes', async () => {
  expect(await deliver({ ...secure('admin'), topicPrefix: 'x'.repeat(250) })).toMatchObject({
    message: expect.stringMatching(/refuses the settings \(INVALID_TOPIC_EXCEPTION\)$/),
    retryable: false,
  });
});

test('TLS to a port without it, and the other way round', async () => {
  const plain = { ...toKafkaConfig(kafka.bootstrap), ssl: true };
  expect(await deliver(plain, false)).toMatchObject({ remedy: expect.stringMatching(/TLS/) });
  expect(await deliver(toKafkaConfig(kafka.secureBootstrap), false)).toMatchObject({
    message: expect.stringMatching(/closed the connection$/),
    remedy: expect.stringMatching(/TLS/),
  });
});

test('a port where nobody listens is told, and may be tried again', async () => {
  expect(await deliver(toKafkaConfig(['127.0.0.1:1', 'no-such-host.invalid:9092']), false)).toMatchObject({
    message: expect.stringMatching(
      /: Kafka at \S+ cannot be reached: (?:nothing listens there \(ECONNREFUSED\)|its name is not known \((?:ENOTFOUND|EAI_AGAIN)\))$/,
    ),
    remedy: expect.stringMatching(/^check the (?:port|name)/),
    retryable: true,
  });
});

test('a server that accepts and never answers', async () => {
  const sockets = new Set<{ destroy(): void }>();
  const silent: Server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  try {
    expect(await deliver(toKafkaConfig([`127.0.0.1:${port}`]), false)).toMatchObject({
      message: expect.stringMatching(/in time; it stands at 0: .* does not answer in time$/),
      retryable: true,
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

test('a broker that hangs, and goes on later', async () => {
  const config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'hung' };
  await kafka.brokers[0]!.kill('SIGSTOP');
  try {
    expect(await deliver(config, false)).toMatchObject({
      message: expect.stringMatching(/in time; it stands at 0: .* does not answer in time$/),
      retryable: true,
    });
  } finally {
    await kafka.brokers[0]!.kill('SIGCONT');
  }
  expect(await deliver(config)).toBe('delivered');
  expect(await readWithKcat(kafka.bootstrap, 'hung.labels')).toHaveLength(40);
});

test('a record that is too large stops the relay and is named; what is before it is delivered', async () => {
  await makeTopic(kafka.bootstrap, 'small.labels', { name: 'max.message.bytes', value: '2500' });
  const config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'small', compression: 'none' as const };
  expect(await deliver(config)).toBe('delivered');
  const large = await openJournal({ path: join(folder, 'large.db') });
  try {
    const stream = await Committer.open(large, 'cat');
    await stream.commit();
    const { events, ...rest } = stream.next();
    const [first, second] = events.map((event) => ({
      ...event,
      data: { ...event.data, sourceUri: 'x'.repeat(3000) },
    }));
    await large.commit({ ...rest, events: [events[0]!, second!] as typeof events });
    await using sink = createKafkaSink({ name: 'kafka', config, live: null });
    await using relay = await openRelay({ journal: large, sink });
    await expect(relay.flush(AbortSignal.timeout(180_000))).rejects.toMatchObject({
      message: `small.labels refuses event ${second!.id} of ${first!.data.streamId}: it is too large`,
      retryable: false,
    });
    expect(await readWithKcat(kafka.bootstrap, 'small.labels')).toHaveLength(43);
  } finally {
    await large[Symbol.asyncDispose]();
  }
});

test('events of a clock that is ahead wait until the brokers catch up with it', async () => {
  await makeTopic(kafka.bootstrap, 'ahead.labels', { name: 'message.timestamp.after.max.ms', value: '1000' });
  const config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'ahead' };
  let aheadMs = 0;
  const ahead = await openJournal({ path: join(folder, 'ahead.db'), now: () => Date.now() + aheadMs });
  try {
    const stream = await Committer.open(ahead, 'cat');
    await stream.commit();
    const troubles: PublishError[] = [];
    await using sink = createKafkaSink({ name: 'kafka', config, live: null });
    await using relay = await openRelay({ journal: ahead, sink, onTrouble: (error) => troubles.push(error) });
    await relay.flush(AbortSignal.timeout(180_000)); // so that the next is sent long before its time
    aheadMs = 6000;
    await stream.commit();
    await relay.flush(AbortSignal.timeout(180_000));
    expect(troubles).toEqual([
      expect.objectContaining({
        message: `cannot deliver to ahead.labels: Kafka at ${kafka.bootstrap[0]} takes no records of that time: the clocks differ, or they are too old for the topic`,
        remedy: expect.stringMatching(/NTP/),
        retryable: true,
      }),
    ]);
    expect(await readWithKcat(kafka.bootstrap, 'ahead.labels')).toHaveLength(4);
  } finally {
    await ahead[Symbol.asyncDispose]();
  }
});

function toCommand(topic: string, policy: string): string {
  return `kafka-configs.sh --bootstrap-server ${kafka.bootstrap[0]} --entity-type topics --entity-name ${topic} --alter --add-config cleanup.policy=${policy}`;
}

test('a labels topic that would lose events is refused, with the command that mends it', async () => {
  await makeTopic(kafka.bootstrap, 'thin.labels', { name: 'cleanup.policy', value: 'compact,delete' });
  const config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'thin' };
  expect(await deliver(config)).toMatchObject({
    message:
      'thin.labels has cleanup.policy=compact,delete where delete is wanted: only the last event of each stream would stay',
    remedy: toCommand('thin.labels', 'delete'),
    retryable: false,
  });
});

test('views that are not compacted are warned about, once, and delivered to', async () => {
  await makeTopic(kafka.bootstrap, 'loose.state', { name: 'cleanup.policy', value: 'delete' });
  await makeTopic(kafka.bootstrap, 'loose.streams', { name: 'cleanup.policy', value: 'compact' });
  const config = { ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'loose' };
  expect(await deliver(config)).toBe('delivered');
  expect(warnings).toEqual([
    `loose.state has cleanup.policy=delete where compact is wanted, so it may lack the last record of a key; ${toCommand('loose.state', 'compact')}`,
  ]);
});
