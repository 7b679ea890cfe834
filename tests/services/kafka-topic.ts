import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StoredRecord } from '../../src/kafka-client.js';

const run = promisify(execFile);
const LIMIT = { maxBuffer: 256 * 1024 * 1024, timeout: 60_000 };

/** Every record of a topic as kcat (librdkafka) reads it, by partition and offset; `isolation`: of transactions. */
export async function readWithKcat(
  brokers: readonly string[],
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<StoredRecord[]> {
  const level = ['-X', `isolation.level=${isolation}`];
  const args = ['-b', brokers.join(','), ...level, '-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-J'];
  const { stdout } = await run('kcat', args, LIMIT);
  const records = toLines(stdout).map((line) => {
    const { partition, offset, key, payload, headers, ts } = JSON.parse(line) as KcatRecord;
    return { partition, offset, key, value: payload, headers: toHeaders(headers ?? []), timestampMs: ts };
  });
  return records.sort(byPlace);
}

/** Has kcat (librdkafka) write these values, in one batch. */
export async function writeWithKcat(
  brokers: readonly string[],
  topic: string,
  { values, codec }: { readonly values: readonly string[]; readonly codec: 'snappy' | 'lz4' | 'zstd' },
): Promise<void> {
  const writing = run('kcat', ['-b', brokers.join(','), '-P', '-t', topic, '-p', '0', '-z', codec], LIMIT);
  writing.child.stdin!.end(values.join('\n'));
  await writing;
}

/** Ids of the brokers that lead the partitions of a topic, once each partition has a leader. */
export async function readLeaders(brokers: readonly string[], topic: string): Promise<number[]> {
  for (;;) {
    const { stdout } = await run('kcat', ['-b', brokers.join(','), '-L', '-J', '-t', topic], LIMIT);
    const { topics } = JSON.parse(stdout) as KcatMetadata;
    const leaders = topics[0]!.partitions.map(({ leader }) => leader);
    if (leaders.length > 0 && leaders.every((leader) => leader > 0)) return leaders;
  }
}

/** Names of the topics that are there, Kafka's own too. */
export async function listTopics(brokers: readonly string[]): Promise<string[]> {
  const { stdout } = await run('kcat', ['-b', brokers.join(','), '-L', '-J'], LIMIT);
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
    readonly partitions: readonly { readonly leader: number }[];
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
