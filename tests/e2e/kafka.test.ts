import '../integration/publish/disposal.js';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../src/config/config.js';
import { createKafkaClient, type KafkaRecord } from '../../src/kafka-client.js';
import type { CloudEvent, LabelEventData } from '../../src/types.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { isClearError, labelcast } from './labelcast.js';
import { until } from '../until.js';

const folder = createFolder();
let kafka: KafkaCluster;
let brokers: string;

beforeAll(async () => {
  kafka = await startKafka({ users: { alice: 'wonder-land' } });
  brokers = kafka.bootstrap.join(',');
});
afterAll(async () => {
  await kafka?.stop();
  folder.remove();
});

/** The numbered events of a run with -o, one a line. */
function numbered(output: string): string {
  const lines = readFileSync(folder.file(`${output}/events.ndjson`), 'utf8').split(/(?<=\n)/);
  return lines.filter((line) => line.includes('"sequence":"')).join('');
}

test('what tag delivers, consume prints byte by byte as events.ndjson has it', async () => {
  const tagged = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('a'), '--kafka', brokers]);
  expect({ status: tagged.status, stderr: tagged.stderr }).toEqual({ status: 0, stderr: '' });
  const read = await labelcast(['consume', '--kafka', brokers, '--json', '--until-end']);
  expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: '' });
  expect(read.stdout).toBe(numbered('a'));
  const cats = await labelcast(['consume', '--kafka', brokers, '--until-end', '--label', 'cat']);
  const wanted = numbered('a')
    .split(/(?<=\n)/)
    .filter((line) => line.includes('"subject":"cat"'));
  expect(cats.stdout).toBe(wanted.join(''));
});

test('the same run again sends nothing; another journal sends repeats, which consume leaves out and tells', async () => {
  const again = ['tag', DEMO_CLIP, '-o', folder.file('a'), '--kafka', brokers];
  expect((await labelcast(again)).status).toBe(0);
  const read = ['consume', '--kafka', brokers, '--until-end'];
  expect(await labelcast(read)).toMatchObject({ status: 0, stdout: numbered('a'), stderr: '' });
  expect((await labelcast(['tag', DEMO_CLIP, '--kafka', brokers])).status).toBe(0);
  const count = numbered('a').split('\n').length - 1;
  expect(await labelcast(read)).toMatchObject({
    status: 0,
    stdout: numbered('a'),
    stderr: `events: ${count} repeated and left out\n`,
  });
});

test('consume follows what comes, through a broker that is killed and comes back, until Ctrl-C', async () => {
  const nothing = await labelcast(['consume', '--kafka', brokers, '--topic-prefix', 'follow']);
  expect(nothing).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('does not have the topic'),
  });
  const config = folder.file('follow.yaml');
  writeFileSync(config, `sinks: [{ kafka: { brokers: ["${brokers}"], topicPrefix: follow } }]\n`);
  expect((await labelcast(['tag', DEMO_CLIP, '-o', folder.file('b'), '-c', config])).status).toBe(0);
  const half = numbered('b').split('\n').length - 1;
  let child: ChildProcess | undefined;
  let lines = 0;
  const again = labelcast(['consume', '-c', config, '--from', 'beginning'], {
    onStart: (started) => {
      child = started;
      started.stdout!.on('data', (text: string) => (lines += text.split('\n').length - 1));
    },
  });
  await until('the first half', () => lines === half);
  await kafka.brokers[0]!.kill('SIGKILL');
  await kafka.brokers[0]!.start();
  await kafka.brokers[0]!.ready();
  const other = ['tag', DEMO_CLIP, '--labels', 'cat', '-o', folder.file('c'), '-c', config];
  expect((await labelcast(other)).status).toBe(0);
  const rest = numbered('c').split('\n').length - 1;
  await until('the rest', () => lines === half + rest);
  child!.kill('SIGINT');
  const run = await again;
  expect(run.stdout).toBe(numbered('b') + numbered('c'));
  expect(run.status).toBe(130);
  expect(run.stderr).not.toMatch(/missing|repeated|^\s+at /m);
});

test('records that others wrote cannot steer the terminal, nor stop a reader', async () => {
  const evil = '\u001B]0;owned\u0007\u009B2J\r';
  const { data } = JSON.parse(numbered('a').split('\n')[0]!) as CloudEvent<LabelEventData>;
  const toRecord = (sequence: number): KafkaRecord => {
    const value = { ...data, streamId: data.streamId + evil, epoch: evil, label: evil, sequence };
    const headers = {
      ce_specversion: '1.0',
      ce_id: String(sequence),
      ce_type: 'io.labelcast.label.started.v1',
      ce_sequence: String(sequence),
      ce_time: evil,
    };
    return { key: data.streamId, value: JSON.stringify(value), headers, timestampMs: Date.now() };
  };
  const noEvent = { ...toRecord(2), value: toRecord(2).value!.replace('"started"', '7') };
  await using client = createKafkaClient({ ...toKafkaConfig(kafka.bootstrap), topicPrefix: 'evil' });
  await client.ensureTopics([{ name: 'evil.labels', cleanup: 'delete' }]);
  await using producer = client.createProducer();
  expect(await producer.send('evil.labels', 0, [toRecord(1), noEvent, toRecord(3)])).toBeNull();
  const read = ['consume', '--kafka', brokers, '--topic-prefix', 'evil', '--until-end'];
  const table = await labelcast([...read, '--table']);
  expect([table.status, table.stdout.split('\n').length]).toEqual([1, 3]);
  expect(table.stderr).toMatch(
    /^the record at offset 1 of partition 0 is no event; .*\n.*: event 2 is missing/,
  );
  expect(`${table.stdout}${table.stderr}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  const json = await labelcast([...read, '--json']);
  const labels = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as CloudEvent<LabelEventData>).data.label);
  expect(labels).toEqual([evil, evil]);
});

test('a login that is refused ends tag before anything is tagged; brokers that stay away, after the time given', async () => {
  const config = folder.file('login.yaml');
  const sasl = '{ mechanism: scram-sha-256, username: alice, password: "${WRONG}" }';
  const broker = kafka.secureBootstrap[0];
  const ca = folder.file('ca.pem');
  writeFileSync(ca, kafka.certificate);
  writeFileSync(
    config,
    `sinks: [{ kafka: { brokers: ["${broker}"], ssl: { ca: "\${file:${ca}}" }, sasl: ${sasl} } }]\n`,
  );
  const refused = await labelcast(['tag', DEMO_CLIP, '-c', config, '--json'], {
    env: { WRONG: 'secret-word' },
  });
  expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 2, stdout: '' });
  expect(isClearError(refused.stderr, 'refuses the login of alice')).toBe(true);
  expect(refused.stderr).not.toContain('secret-word');

  const away = ['tag', DEMO_CLIP, '--json', '--kafka', '127.0.0.1:1', '--deliver-timeout', '2'];
  const late = await labelcast(away);
  expect(late.status).toBe(1);
  expect(late.stdout.split('\n').length).toBeGreaterThan(10);
  expect(
    isClearError(late.stderr, 'events wait for kafka:127.0.0.1:1: Kafka at 127.0.0.1:1 cannot be reached'),
  ).toBe(true);
  expect(late.stderr).toMatch(/^to go on: .*--resume/m);
});

test('a password that crosses a network as it is, is warned about once, by who writes and who reads', async () => {
  const config = folder.file('plain.yaml');
  const sasl = '{ mechanism: plain, username: alice, password: secret-word }';
  const sinks = `sinks: [{ name: far, kafka: { brokers: ["no-such-host.invalid:9092"], sasl: ${sasl} } }]`;
  writeFileSync(config, `${sinks}\nhttp: { port: 0 }\nstreams: [{ id: a, url: "rtsp://127.0.0.1:1/a" }]\n`);
  const warning = /the password of alice goes to no-such-host\.invalid:9092 unencrypted/g;
  const serve = ['serve', '-c', config, '--log-format', 'json'];
  for (const command of [serve, ['consume', '-c', config]]) {
    const run = await labelcast(command, {
      cwd: folder.path,
      onStart: (child) => {
        let said = '';
        child.stderr!.on('data', (text: string) => {
          said += text;
          if (/Kafka at \S+ cannot be reached/.test(said)) child.kill('SIGKILL');
        });
      },
    });
    expect(run.stderr.match(warning)).toHaveLength(1);
    expect(run.stderr).not.toContain('secret-word');
  }
});
