import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { StoredRecord } from '../../src/kafka-client.js';

const run = promisify(execFile);
/** Of however many records. */
const READ_MS = 600_000;
const LIMIT = { maxBuffer: 256 * 1024 * 1024, timeout: 90_000 };

/** kcat gives up after 5 s otherwise, which a busy broker may take for its answer. */
const PATIENCE = ['-m', '60'];

/** Of transactions: without those that are open or were given up, or with all of them. */
type Isolation = 'read_committed' | 'read_uncommitted';

/** Every record of a topic as kcat (librdkafka) reads it, by partition and offset; `isolation`: of transactions. */
export async function readWithKcat(
  brokers: readonly string[],
  topic: string,
  isolation: Isolation = 'read_committed',
): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const record of recordsOf(brokers, topic, isolation)) records.push(record);
  return records.sort(byPlace);
}

/** The same, however many there are: each partition in its order, the partitions mixed. Throws with what kcat says. */
export async function* recordsOf(
  brokers: readonly string[],
  topic: string,
  isolation: Isolation = 'read_committed',
): AsyncGenerator<StoredRecord, void> {
  const level = ['-X', `isolation.level=${isolation}`];
  const place = ['-b', brokers.join(','), '-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-J'];
  const child = spawn('kcat', [...PATIENCE, ...level, ...place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: READ_MS,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.catch(() => {}); // awaited below
  for await (const line of createInterface(child.stdout)) {
    const { partition, offset, key, payload, headers, ts } = JSON.parse(line) as KcatRecord;
    yield { partition, offset, key, value: payload, headers: toHeaders(headers ?? []), timestampMs: ts };
  }
  const [status] = await closed;
  if (status !== 0) throw new Error(`kcat cannot read ${topic}: ${said.trim()}`);
}

/** Has kcat (librdkafka) write these values, in one batch. */
export async function writeWithKcat(
  brokers: readonly string[],
  topic: string,
  { values, codec }: { readonly values: readonly string[]; readonly codec: 'snappy' | 'lz4' | 'zstd' },
): Promise<void> {
  const writing = run(
    'kcat',
    [...PATIENCE, '-b', brokers.join(','), '-P', '-t', topic, '-p', '0', '-z', codec],
    LIMIT,
  );
  writing.child.stdin!.end(values.join('\n'));
  await writing;
}

/** Ids of the brokers that lead the partitions of a topic, once each partition has a leader. */
export async function readLeaders(brokers: readonly string[], topic: string): Promise<number[]> {
  for (;;) {
    const { stdout } = await run(
      'kcat',
      [...PATIENCE, '-b', brokers.join(','), '-L', '-J', '-t', topic],
      LIMIT,
    );
    const { topics } = JSON.parse(stdout) as KcatMetadata;
    const leaders = topics[0]!.partitions.map(({ leader }) => leader);
    if (leaders.length > 0 && leaders.every((leader) => leader > 0)) return leaders;
  }
}

/** Ids of the brokers that hold all of each partition of a topic. */
export async function readInSync(brokers: readonly string[], topic: string): Promise<number[][]> {
  const { stdout } = await run(
    'kcat',
    [...PATIENCE, '-b', brokers.join(','), '-L', '-J', '-t', topic],
    LIMIT,
  );
  const { topics } = JSON.parse(stdout) as KcatMetadata;
  return topics[0]!.partitions.map(({ isrs }) => isrs.map(({ id }) => id));
}

/** Names of the topics that are there, Kafka's own too. */
export async function listTopics(brokers: readonly string[]): Promise<string[]> {
  const { stdout } = await run('kcat', [...PATIENCE, '-b', brokers.join(','), '-L', '-J'], LIMIT);
  return (JSON.parse(stdout) as KcatMetadata).topics.map(({ topic }) => topic).sort();
}

/** The same as confluent-kafka for Python reads it. */
export async function readWithPython(brokers: readonly string[], topic: string): Promise<StoredRecord[]> {
  const env = { ...process.env, PYTHONPATH: '.cache/confluent-kafka' };
  const args = ['tests/services/kafka_dump.py', brokers.join(','), topic];
  const { stdout } = await run('python3', args, { ...LIMIT, env });
  return toLines(stdout)
    .map((line) => JSON.parse(line) as StoredRecord)
    .sort(byPlace);
}

interface KcatMetadata {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly leader: number;
      readonly isrs: readonly { readonly id: number }[];
    }[];
  }[];
}

interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly payload: string | null;
  /** Names and values in turn. */
  readonly headers?: readonly string[];
  readonly ts: number;
}

function toHeaders(flat: readonly string[]): Record<string, string> {
  const pairs = flat.flatMap((name, n) => (n % 2 === 0 ? [[name, flat[n + 1]!] as const] : []));
  return Object.fromEntries(pairs);
}

function toLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function byPlace(a: StoredRecord, b: StoredRecord): number {
  return a.partition - b.partition || a.offset - b.offset;
}
