// How fast the relay drains a journal of 100,000 live events (or LABELCAST_BENCH_EVENTS) to a real broker, beside a plain
// kafkajs producer that has the same records in memory, and the relay with exactlyOnce: in turn, five times after one that
// does not count. Then how long commits of 500 events/s take to be acknowledged, both ways. A missed aim is exit 1. Needs
// what `npm test` installs.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { toKafkaConfig } from '../src/config/config.js';
import { toTopics } from '../src/events.js';
import { type JournalHandle, openJournal } from '../src/publish/journal.js';
import { toTransactionalId } from '../src/publish/kafka-exact-delivery.js';
import { toTopicRecords } from '../src/publish/kafka-records.js';
import { createKafkaSink } from '../src/publish/kafka-sink.js';
import { openRelay } from '../src/publish/relay.js';
import type { Sink } from '../src/types.js';
import { startKafka } from '../tests/services/kafka.js';
import { BATCH_EVENTS } from '../tests/services/kafka-copies.js';
import { LiveEvents } from './delivery/live-events.js';
import { type PlainRecord, plainSeconds } from './delivery/plain-producer.js';
import { atLeast, atMost, heading, range, row } from './live/table.js';

const EVENTS = Number(process.env['LABELCAST_BENCH_EVENTS'] ?? 100_000);
const ROUNDS = 5;
const CAMERAS = 16;
const LIVE_RATE = 500;
const LIVE_SECONDS = 20;
const IDLE_SECONDS = 10;
/** On the disk that the repository is on: a temporary folder may be memory. */
const CACHE = '.cache';
const never = new AbortController().signal;

async function fill(journal: JournalHandle): Promise<void> {
  const live = await LiveEvents.open(journal, CAMERAS);
  for (let n = 0; n < EVENTS / LiveEvents.EVENTS; n += CAMERAS)
    await Promise.all(Array.from({ length: CAMERAS }, (_, camera) => live.commit(n + camera)));
}

async function readBatches(journal: JournalHandle): Promise<PlainRecord[][]> {
  const topics = toTopics('');
  const batches: PlainRecord[][] = [];
  for (let after = 0; ; ) {
    const rows = await journal.read(after, BATCH_EVENTS);
    if (rows.length === 0) return batches;
    batches.push(
      rows
        .flatMap((one) => toTopicRecords(one, topics))
        .map(({ topic, record }) => ({ ...record, topic: topic.slice(1) })),
    );
    after = rows.at(-1)!.position;
  }
}

async function relaySeconds(
  journal: JournalHandle,
  brokers: readonly string[],
  name: string,
  isExact = false,
): Promise<number> {
  const config = { ...toKafkaConfig(brokers), topicPrefix: name };
  const transactionalId = isExact ? toTransactionalId(await journal.journalId(), name) : null;
  await using sink = createKafkaSink({ name, config, live: null, transactionalId });
  await using relay = await openRelay({ journal, sink, from: 'beginning' });
  const beginMs = performance.now();
  await relay.flush(never);
  return (performance.now() - beginMs) / 1000;
}

/** Milliseconds from the promise of each commit to the acknowledgement of its events, at a steady rate; and the CPU share when nothing comes. */
async function liveDelays(
  folder: string,
  brokers: readonly string[],
  name: 'live' | 'exact',
): Promise<{ delaysMs: number[]; idle: number }> {
  await using journal = await openJournal({ path: join(folder, `${name}.db`) });
  const live = await LiveEvents.open(journal, CAMERAS);
  const config = { ...toKafkaConfig(brokers), topicPrefix: name };
  const transactionalId = name === 'exact' ? toTransactionalId(await journal.journalId(), name) : null;
  await using kafkaSink = createKafkaSink({ name, config, live: null, transactionalId });
  const committedMs = new Map<number, number>();
  const delaysMs: number[] = [];
  const sink: Sink = {
    name,
    open: (cursor) => kafkaSink.open(cursor),
    deliver: async (rows, signal) => {
      const cursor = await kafkaSink.deliver(rows, signal);
      const now = performance.now();
      for (const { position } of rows) delaysMs.push(now - (committedMs.get(position) ?? now));
      return cursor;
    },
  };
  await using relay = await openRelay({ journal, sink, from: 'beginning' });
  let known = 0;
  const stop = journal.onCommit(() => {
    const now = performance.now();
    while (known < journal.lastPosition) committedMs.set(++known, now);
  });
  const beginMs = performance.now();
  const commits: Promise<void>[] = [];
  for (let n = 0; n < (LIVE_SECONDS * LIVE_RATE) / LiveEvents.EVENTS; n++) {
    const dueMs = beginMs + (n * LiveEvents.EVENTS * 1000) / LIVE_RATE;
    await wait(Math.max(0, dueMs - performance.now()));
    commits.push(live.commit(n));
  }
  await Promise.all(commits);
  await relay.flush(never);
  stop();
  const before = process.cpuUsage();
  await wait(IDLE_SECONDS * 1000);
  const { user, system } = process.cpuUsage(before);
  return { delaysMs, idle: (user + system) / 1e6 / IDLE_SECONDS };
}

mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, 'bench-drain-'));
const kafka = await startKafka();
try {
  await using journal = await openJournal({ path: join(folder, 'journal.db') });
  await fill(journal);
  const events = journal.lastPosition;
  const batches = await readBatches(journal);
  const records = batches.flat().length;
  heading(
    `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}: ${events} events, ${records} records`,
  );
  const own: number[] = [];
  const plain: number[] = [];
  const exact: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const rates = [
      events / (await relaySeconds(journal, kafka.bootstrap, `relay${round}`)),
      events / (await plainSeconds(kafka.bootstrap, batches, `plain${round}`)),
      events / (await relaySeconds(journal, kafka.bootstrap, `exact${round}`, true)),
    ] as const;
    if (round === 0) continue; // both warm up
    own.push(rates[0]);
    plain.push(rates[1]);
    exact.push(rates[2]);
  }
  const ratios = own.map((rate, round) => rate / plain[round]!);
  const ratio = median(ratios);
  row('relay from the journal, events/s, median and range', `${median(own).toFixed(0)}, ${range(own, 0)}`);
  row(
    'plain kafkajs producer, the same records, events/s',
    `${median(plain).toFixed(0)}, ${range(plain, 0)}`,
  );
  row('ratio, median and range', `${ratio.toFixed(2)}, ${range(ratios)}`, atLeast(ratio, 0.6, ''));
  const shares = exact.map((rate, round) => rate / own[round]!);
  row(
    'relay with exactlyOnce, events/s, median and range',
    `${median(exact).toFixed(0)}, ${range(exact, 0)}`,
  );
  row('of the relay without, median and range', `${median(shares).toFixed(2)}, ${range(shares)}`);
  const { delaysMs, idle } = await liveDelays(folder, kafka.bootstrap, 'live');
  const p95 = at(delaysMs, 0.95);
  const task = `${LIVE_RATE} events/s: committed → acknowledged`;
  row(`${task}, p50, p95, max`, toDelays(delaysMs), atMost(p95, 150, 'ms'));
  const { delaysMs: exactMs } = await liveDelays(folder, kafka.bootstrap, 'exact');
  row(`${task}, with exactlyOnce`, toDelays(exactMs));
  row('connected and idle, % of a core', (idle * 100).toFixed(1));
} finally {
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
}

function toDelays(ms: readonly number[]): string {
  return `${[at(ms, 0.5), at(ms, 0.95), Math.max(...ms)].map((one) => one.toFixed(0)).join(', ')} ms`;
}

function median(values: readonly number[]): number {
  return at(values, 0.5);
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}
