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
import { makeTopic } from '../../services/kafka-admin.js';
import { readWithKcat } from '../../services/kafka-topic.js';
import { Committer } from './committer.js';

let kafka: KafkaCluster;
let folder: string;
let journal: JournalHandle;
let runs = 0;
/** Of the last delivery. */
let warnings: string[] = [];

beforeAll(async () => {
  kafka = await startKafka();
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
    return error as PublishError;
  }
}

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
    let commits = 1;
    // where nothing went on for seconds they had caught up with an event before it was sent
    for (; troubles.length === 0 && commits <= 5; commits++) {
      await stream.commit();
      await relay.flush(AbortSignal.timeout(180_000));
    }
    expect(troubles).toEqual([
      expect.objectContaining({
        message: `cannot deliver to ahead.labels: Kafka at ${kafka.bootstrap[0]} takes no records of that time: the clocks differ, or they are too old for the topic`,
        remedy: expect.stringMatching(/NTP/),
        retryable: true,
      }),
    ]);
    expect(await readWithKcat(kafka.bootstrap, 'ahead.labels')).toHaveLength(2 * commits);
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
