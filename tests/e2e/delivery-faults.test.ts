import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type FaultRow, runFaults } from '../../bench/delivery/fault-row.js';
import { FAULTS, KEEPING } from '../../bench/delivery/faults.js';
import { readDemo } from '../../bench/replay/demo-trace.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { BATCH_EVENTS } from '../services/kafka-copies.js';
import { createFolder } from './clips.js';

jest.setTimeout(600_000); // these take minutes on a busy machine

const TRACES = '.cache/replay';
const folder = createFolder();
const clusters: KafkaCluster[] = [];
let alone: KafkaCluster;

beforeAll(async () => {
  await readDemo(TRACES);
  alone = await start({ isProxied: true, ...KEEPING });
});
afterAll(async () => {
  for (const kafka of clusters) await kafka.stop();
  folder.remove();
});

async function start(options: Parameters<typeof startKafka>[0]): Promise<KafkaCluster> {
  const kafka = await startKafka(options);
  clusters.push(kafka);
  return kafka;
}

/** Each for a moment: every fault lasts until it has shown by events that wait. */
function go(kafka: KafkaCluster, prefix: string, names: readonly (keyof typeof FAULTS)[]): Promise<FaultRow> {
  const trial = { prefix, folder: folder.path, traces: TRACES, rate: 200, seconds: 1, kills: 2 };
  return runFaults(
    names.map((name) => FAULTS[name]!),
    { kafka, trial: { ...trial, isExactlyOnce: false } },
  );
}

test('without a fault each event of the journal is delivered once', async () => {
  const { problems, accounts, state } = await go(alone, 'clean', ['clean']);
  expect(problems).toEqual([]);
  expect(accounts.copies).toBe(0);
  expect([accounts.records, accounts.distinct]).toEqual([accounts.events, accounts.events]);
  expect(accounts.events).toBeGreaterThan(0);
  expect(state.open).toBeGreaterThan(0);
});

test('delays, resets, a black hole, a broker that hangs or is killed, and kill -9 lose nothing and repeat a batch each at most', async () => {
  const row = await go(alone, 'faults', ['delay', 'resets', 'black-hole', 'hang', 'kills', 'outage-kills']);
  expect(row.problems).toEqual([]);
  const kills = row.deed.kills!;
  expect(kills.length).toBeGreaterThan(4); // two at random, two in the outage, and one after it at least
  expect(row.deed.faults).toBe(1 + 2 + 1 + 1 + 1 + kills.length);
  expect(row.accounts.copies).toBeLessThanOrEqual(row.deed.faults * BATCH_EVENTS);
  // the relay stood still in the outage
  expect(kills[3]!.delivered).toBe(kills[2]!.delivered);
  expect(kills[3]!.committed).toBeGreaterThan(kills[2]!.committed);
  expect(kills[4]!.delivered).toBeGreaterThan(kills[3]!.delivered);
});

test('of three brokers the leader hangs, then each is restarted: deliveries go on, and nothing is lost', async () => {
  const row = await go(await start({ nodes: 3 }), 'three', ['leader-hangs', 'rolling']);
  expect(row.problems).toEqual([]);
  expect(row.deed.faults).toBe(4);
});

test('a journal is backed up while it is written, purged once it is not, and gone on with', async () => {
  const row = await go(alone, 'upkeep', ['upkeep']);
  expect(row.problems).toEqual([]);
  expect(row.accounts.copies).toBe(0);
});
