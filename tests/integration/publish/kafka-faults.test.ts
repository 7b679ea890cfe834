import './disposal.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay, type Relay } from '../../../src/publish/relay.js';
import { type KafkaBroker, type KafkaCluster, startKafka } from '../../services/kafka.js';
import { account } from '../../services/kafka-accounts.js';
import { readLeaders } from '../../services/kafka-topic.js';
import { Committer } from './committer.js';

jest.setTimeout(900_000); // these take minutes on a busy machine

const NOTHING_WRONG = { missing: 0, unknown: 0, disordered: [], different: 0 };
const COMMIT_EVERY_MS = 20;
let folder: string;
let journal: JournalHandle;
let kafka: KafkaCluster | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-faults-'));
  journal = await openJournal({ path: join(folder, 'journal.db') });
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Commits events of every stream, made after this was called. */
type CommitNow = () => Promise<unknown>;

/** Commits until told to stop, as in a running service. */
async function commitUntil(stop: AbortSignal, commitNow: CommitNow): Promise<void> {
  while (!stop.aborted) {
    await commitNow();
    await pause(COMMIT_EVERY_MS);
  }
}

/** Runs a fault while events are committed and delivered, then waits for all of them. */
async function underway(
  cluster: KafkaCluster,
  fault: (relay: Relay, commitNow: CommitNow) => Promise<void>,
  settings: Partial<KafkaConfig> = {},
): Promise<void> {
  const config = { ...toKafkaConfig(cluster.bootstrap), ...settings };
  await using sink = createKafkaSink({ name: 'kafka', config, live: null });
  await using relay = await openRelay({ journal, sink });
  const names = ['cat', 'dog', 'owl', 'fox', 'bee', 'elk', 'ant', 'yak'];
  const streams = await Promise.all(names.map((name) => Committer.open(journal, name)));
  const commitNow = () => Promise.all(streams.map((stream) => stream.commit()));
  await commitNow();
  const stop = new AbortController();
  const committing = commitUntil(stop.signal, commitNow);
  try {
    await flushed(relay); // some have arrived
    await fault(relay, commitNow);
  } finally {
    stop.abort();
    await committing;
  }
  await flushed(relay);
}

function flushed(relay: Relay): Promise<void> {
  return relay.flush(AbortSignal.timeout(180_000));
}

test('a broker killed and started again, twice, loses no event and mixes none', async () => {
  kafka = await startKafka();
  const broker = kafka.brokers[0]!;
  await underway(kafka, async (relay) => {
    for (let n = 0; n < 2; n++) {
      await broker.kill('SIGKILL');
      await pause(3000); // the outage
      await broker.start();
      await broker.ready();
      await flushed(relay);
    }
  });
  const accounts = await account(journal, kafka.bootstrap, 'labelcast');
  expect(accounts).toMatchObject({ ...NOTHING_WRONG, copies: 0 });
});

/** The broker that leads most partitions of the labels topic. */
async function busiest(cluster: KafkaCluster): Promise<KafkaBroker> {
  const leaders = await readLeaders(cluster.bootstrap, 'labelcast.labels');
  const count = (id: number): number => leaders.filter((leader) => leader === id).length;
  const [id] = [...new Set(leaders)].sort((a, b) => count(b) - count(a));
  return cluster.brokers[id! - 1]!;
}

/** Opens another sink, delivers to it what it has not had so far, and closes it. */
async function deliverLate(brokers: readonly string[]): Promise<void> {
  const config = { ...toKafkaConfig(brokers), topicPrefix: 'late' };
  await using sink = createKafkaSink({ name: 'late', config, live: null });
  await using relay = await openRelay({ journal, sink });
  await flushed(relay);
}

test('a leader that hangs is left by a sink that knows no other broker, and by one that asks it first', async () => {
  kafka = await startKafka({ nodes: 3 });
  const cluster = kafka;
  const alone = async (relay: Relay, commitNow: CommitNow): Promise<void> => {
    const hung = await busiest(cluster);
    const others = cluster.brokers.filter((broker) => broker !== hung);
    await Promise.all(others.map((broker) => broker.kill('SIGKILL'))); // nothing is asked of them, so no connection comes back
    await Promise.all(others.map((broker) => broker.start()));
    await Promise.all(others.map((broker) => broker.ready()));
    await commitNow();
    await flushed(relay);
    const brokers = [hung, ...others].map(({ address }) => address);
    await deliverLate(brokers); // its topics are made while all brokers are well
    await hung.kill('SIGSTOP');
    await commitNow();
    await flushed(relay); // while it hangs
    await deliverLate(brokers);
    await hung.kill('SIGCONT');
  };
  await underway(cluster, alone, { partitions: 1 });
  const accounts = await account(journal, cluster.bootstrap, 'labelcast');
  expect(accounts).toMatchObject({ ...NOTHING_WRONG, copies: 0 });
});

test('a cluster without enough replicas takes nothing, and everything once they are back', async () => {
  kafka = await startKafka({ nodes: 3 });
  const lost = kafka.brokers.slice(1);
  await underway(kafka, async (relay, commitNow) => {
    await Promise.all(lost.map((broker) => broker.kill('SIGKILL')));
    await commitNow(); // what was pending at the kill may have got through just before
    await expect(relay.flush(AbortSignal.timeout(5000))).rejects.toMatchObject({ retryable: true });
    await Promise.all(lost.map((broker) => broker.start()));
    await Promise.all(lost.map((broker) => broker.ready()));
    await flushed(relay);
  });
  const accounts = await account(journal, kafka.bootstrap, 'labelcast');
  expect(accounts).toMatchObject({ ...NOTHING_WRONG, copies: 0 });
});
