import './disposal.js';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { openJournal } from '../../../src/publish/journal.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { account } from './kafka-accounts.js';

/** The relay's. */
const BATCH_ROWS = 256;
let kafka: KafkaCluster;
let folder: string;

beforeAll(async () => {
  kafka = await startKafka();
  folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-crash-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const children: ChildProcess[] = [];

function startDelivering(path: string): ChildProcess {
  const module = new URL('./deliver-for-ever.js', import.meta.url).href;
  const call = `m.deliverForEver(${JSON.stringify(path)}, ${JSON.stringify(kafka.bootstrap)})`;
  const child = spawn(process.execPath, ['-e', `import(${JSON.stringify(module)}).then((m) => ${call})`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Killed without warning after its nth delivery, wherever the next one stands then. */
async function killedAfter(path: string, deliveries: number): Promise<void> {
  const child = startDelivering(path);
  let left = deliveries;
  child.stdout!.on('data', () => {
    if (--left === 0) child.kill('SIGKILL');
  });
  await once(child, 'exit');
}

/** Opens the journal again as the next run does, delivers what is left and counts. */
async function settled(path: string) {
  await using journal = await openJournal({ path });
  await using sink = createKafkaSink({ name: 'kafka', config: toKafkaConfig(kafka.bootstrap), live: null });
  await using relay = await openRelay({ journal, sink });
  await relay.flush(AbortSignal.timeout(60_000));
  return account(journal, kafka.bootstrap, 'labelcast');
}

test('labelcast killed again and again, also while the broker is away, repeats a batch a time at most', async () => {
  const path = join(folder, 'journal.db');
  let kills = 0;
  for (const deliveries of [1, 2, 3, 5, 8]) {
    await killedAfter(path, deliveries);
    kills++;
  }
  const child = startDelivering(path);
  await once(child.stdout!, 'data');
  await kafka.brokers[0]!.kill('SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  kills++;
  await kafka.brokers[0]!.start();
  const accounts = await settled(path);
  expect(accounts).toMatchObject({ missing: 0, unknown: 0, disordered: [], different: 0 });
  expect(accounts.copies).toBeLessThanOrEqual(kills * BATCH_ROWS);
});
