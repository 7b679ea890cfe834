import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LabelEvent, LabelcastEvent } from '../../src/types.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { labelcast, toEvents } from './labelcast.js';

const folder = createFolder();
let kafka: KafkaCluster;
let ended: readonly LabelEvent[] = [];

beforeAll(async () => {
  kafka = await startKafka();
  const brokers = kafka.bootstrap.join(',');
  const run = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('out'), '--kafka', brokers]);
  expect(run.status).toBe(0);
  ended = toEvents(readFileSync(folder.file('out/events.ndjson'), 'utf8')).filter(isEnded);
  expect(ended.length).toBeGreaterThan(3);
});
afterAll(async () => {
  await kafka?.stop();
  folder.remove();
});

function isEnded(event: LabelcastEvent): event is LabelEvent {
  return event.type === 'io.labelcast.label.ended.v1';
}

/** What the examples print of each segment. */
function toLines(events: readonly LabelEvent[]): string {
  const rows = events.map(({ data }) => {
    const { streamId, label, startMs, endMs, score, reason } = data;
    return [streamId, label, startMs, endMs, score.peak, reason].join('\t');
  });
  return rows.map((row) => `${row}\n`).join('');
}

/** Runs the Node example until it has printed something, or for ever as a user would see it; resolves to what it printed. */
async function runNode(
  isEnough: (printed: string) => boolean,
): Promise<{ status: number | null; printed: string }> {
  const args = ['examples/node/segments.mjs', kafka.bootstrap.join(',')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  try {
    await until('the example prints its segments', () => isEnough(printed) || child.exitCode !== null);
  } finally {
    child.kill('SIGTERM');
    await exit;
  }
  return { status: child.exitCode, printed };
}

test('Node: every segment, and none again after a restart', async () => {
  const lines = toLines(ended);
  expect(await runNode((printed) => printed.length >= lines.length)).toEqual({ status: 0, printed: lines });
  // another journal of the same clip writes repeats, another model's labels a newer epoch
  const brokers = kafka.bootstrap.join(',');
  const again = ['tag', DEMO_CLIP, '--labels', 'cat', '-o', folder.file('cats'), '--kafka', brokers];
  expect((await labelcast(again)).status).toBe(0);
  const cats = toLines(toEvents(readFileSync(folder.file('cats/events.ndjson'), 'utf8')).filter(isEnded));
  expect(await runNode((printed) => printed.length >= cats.length)).toEqual({ status: 0, printed: cats });
});

test('Python: every segment, and none again after a restart', () => {
  const args = ['examples/python/segments.py', kafka.bootstrap.join(','), '--until-end'];
  const env = { ...process.env, PYTHONPATH: '.cache/confluent-kafka' };
  const run = () => spawnSync('python3', args, { encoding: 'utf8', env });
  const first = run();
  expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' });
  expect(first.stdout).toContain(toLines(ended));
  expect(run()).toMatchObject({ status: 0, stdout: '' });
});

test('DuckDB: how long each label is on show', () => {
  const program = `import duckdb, json, sys; print(json.dumps(duckdb.sql(open(sys.argv[1]).read()).fetchall()))`;
  const { status, stdout, stderr } = spawnSync(
    'python3',
    ['-c', program, resolve('examples/duckdb/segments.sql')],
    {
      encoding: 'utf8',
      cwd: folder.file('out'),
      env: { ...process.env, PYTHONPATH: resolve('.cache/duckdb') },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const labels = [...new Set(ended.map(({ data }) => data.label))];
  const rows = labels.map((label) => {
    const mine = ended.map(({ data }) => data).filter((data) => data.label === label);
    const lengthMs = mine.reduce((sum, { startMs, endMs }) => sum + endMs! - startMs, 0);
    const peak = Math.max(...mine.map(({ score }) => score.peak));
    return [mine[0]!.streamId, label, mine.length, lengthMs / 1000, peak] as const;
  });
  rows.sort((a, b) => b[3] - a[3] || (a[1] < b[1] ? -1 : 1));
  expect(JSON.parse(stdout)).toEqual(rows);
});
