import './disposal.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type KafkaConfig, toKafkaConfig } from '../../../src/config/config.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { toTransactionalId } from '../../../src/publish/kafka-exact-delivery.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay, type Relay } from '../../../src/publish/relay.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { type Accounts, account, accountAtEnd, NOTHING_WRONG } from '../../services/kafka-accounts.js';
import { END_TRANSACTION, KafkaProxy } from '../../services/kafka-proxy.js';
import { readLeaders } from '../../services/kafka-topic.js';
import { until } from '../../until.js';
import { Committer } from './committer.js';

jest.setTimeout(900_000); // these take minutes on a busy machine

const EXACT = { ...NOTHING_WRONG, copies: 0 };
const NAMES = ['cat', 'dog', 'owl', 'fox', 'bee', 'elk', 'ant', 'yak'];
const COMMIT_EVERY_MS = 20;
const KILLS = 12;
let folder: string;
let path: string;
let kafka: KafkaCluster | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-exactly-once-'));
  path = join(folder, 'journal.db');
});
afterEach(async () => {
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Relays a journal while `during` runs, and until everything is delivered. */
async function relay(
  journal: JournalHandle,
  config: KafkaConfig,
  during: (relay: Relay) => Promise<void> = async () => {},
): Promise<void> {
  const transactionalId = toTransactionalId(await journal.journalId(), 'kafka');
  await using sink = createKafkaSink({ name: 'kafka', config, live: null, transactionalId });
  await using relay = await openRelay({ journal, sink });
  await during(relay);
  await flushed(relay);
}

function flushed(relay: Relay): Promise<void> {
  return relay.flush(AbortSignal.timeout(180_000));
}

/** Commits events of all streams while a fault takes its course. */
async function underway(
  brokers: readonly string[],
  fault: (relay: Relay, commitNow: () => Promise<unknown>) => Promise<void>,
): Promise<Accounts> {
  await using journal = await openJournal({ path });
  const streams = await Promise.all(NAMES.map((name) => Committer.open(journal, name)));
  const commitNow = (): Promise<unknown> => Promise.all(streams.map((stream) => stream.commit()));
  await relay(journal, toKafkaConfig(brokers), async (relay) => {
    const stop = new AbortController();
    const committing = (async () => {
      while (!stop.signal.aborted) {
        await commitNow();
        await pause(COMMIT_EVERY_MS);
      }
    })();
    try {
      await flushed(relay); // some have arrived
      await fault(relay, commitNow);
    } finally {
      stop.abort();
      await committing;
    }
  });
  return await accountAtEnd(journal, brokers, 'labelcast');
}

/** A process that commits and relays; killed a time that chance decides after it has done that. */
async function killWhileRelaying(config: KafkaConfig, after: 'committed' | 'delivered'): Promise<void> {
  const committer = new URL('./committer.js', import.meta.url).href;
  const options = JSON.stringify({ names: NAMES, kafka: config });
  const code = `import(${JSON.stringify(committer)}).then((m) => m.relayForEver(${JSON.stringify(path)}, ${options}))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  try {
    await until(after, () => said.includes(after) || child.exitCode !== null);
    expect(child.exitCode).toBeNull();
    await pause(Math.random() * 1000); // in the middle of whatever it does
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

test('whatever the moment of a kill, each event is there once, in order, and none is missing', async () => {
  kafka = await startKafka();
  const config = { ...toKafkaConfig(kafka.bootstrap), exactlyOnce: true };
  const delivered: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    await killWhileRelaying(config, round % 3 === 0 ? 'committed' : 'delivered');
    await using journal = await openJournal({ path });
    delivered.push((await journal.cursor('kafka'))?.position ?? 0);
    const accounts = await account(journal, kafka.bootstrap, 'labelcast');
    expect(accounts).toMatchObject({ unknown: 0, disordered: [], different: 0, copies: 0 });
  }
  expect(new Set(delivered).size).toBeGreaterThanOrEqual((KILLS * 2) / 3);
  await using journal = await openJournal({ path });
  await relay(journal, config);
  const accounts = await accountAtEnd(journal, kafka.bootstrap, 'labelcast');
  expect(accounts).toMatchObject({ ...EXACT, events: journal.lastPosition, records: journal.lastPosition });
});

test('a broker killed and started again, twice, has each event once', async () => {
  kafka = await startKafka();
  const broker = kafka.brokers[0]!;
  const accounts = await underway(kafka.bootstrap, async (relay) => {
    for (let n = 0; n < 2; n++) {
      await broker.kill('SIGKILL');
      await pause(3000); // the outage
      await broker.start();
      await broker.ready();
      await flushed(relay);
    }
  });
  expect(accounts).toMatchObject(EXACT);
});

test.each(['answer', 'request'] as const)(
  'when the %s to the end of a transaction is lost, whether it ended is learnt and not guessed',
  async (loss) => {
    const proxy = await KafkaProxy.open();
    try {
      kafka = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://${proxy.address}` } });
      proxy.target = kafka.bootstrap[0]!;
      const accounts = await underway([proxy.address], async (relay, commitNow) => {
        for (let n = 1; n <= 3; n++) {
          proxy.lose(END_TRANSACTION, 1, loss);
          await commitNow();
          await flushed(relay);
          expect(proxy.left).toBe(0);
        }
      });
      expect(accounts).toMatchObject(EXACT);
    } finally {
      proxy.close();
    }
  },
);

test('three brokers of which the busiest is killed, and one hangs, have each event once', async () => {
  kafka = await startKafka({ nodes: 3 });
  const cluster = kafka;
  const accounts = await underway(cluster.bootstrap, async (relay, commitNow) => {
    const leaders = await readLeaders(cluster.bootstrap, 'labelcast.labels');
    const dead = cluster.brokers[leaders[0]! - 1]!;
    await dead.kill('SIGKILL');
    await commitNow();
    await flushed(relay);
    await dead.start();
    await dead.ready();
    await flushed(relay);
    const hung = cluster.brokers.find((broker) => broker !== dead)!;
    await hung.kill('SIGSTOP');
    await commitNow();
    await flushed(relay); // while it hangs
    await hung.kill('SIGCONT');
    await flushed(relay);
  });
  expect(accounts).toMatchObject(EXACT);
});
