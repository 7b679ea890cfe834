import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { allow, makeTopic } from '../services/kafka-admin.js';
import { listTopics, readWithKcat } from '../services/kafka-topic.js';
import { createFolder } from './clips.js';
import { labelcast } from './labelcast.js';

const USERS = { admin: 'admin-secret', alice: 'wonder-land', bob: 'builder-s' };
const STREAMS = [{ id: 'gate', url: 'rtsp://127.0.0.1:1/cam' }];
/** Topics that are there. */
const HALF = ['half.labels', 'half.state', 'half.streams'];
const folder = createFolder();
let kafka: KafkaCluster;
let configs = 0;

beforeAll(async () => {
  kafka = await startKafka({ users: USERS, isAuthorized: true });
  await allow(kafka.bootstrap, 'alice', [
    ['topic', 'mine.', 'CREATE'],
    ['topic', 'mine.', 'WRITE'],
    ['topic', 'half.', 'WRITE'],
    ['group', 'labelcast-', 'READ'],
  ]);
  await allow(kafka.bootstrap, 'bob', [['topic', 'half.', 'DESCRIBE']]);
  for (const name of HALF) {
    const value = name === 'half.labels' ? 'delete' : 'compact';
    await makeTopic(kafka.bootstrap, name, { name: 'cleanup.policy', value });
  }
});
afterAll(async () => {
  await kafka?.stop();
  folder.remove();
});

function open(name: string, settings: object = {}): object {
  return { name, kafka: { brokers: kafka.bootstrap, topicPrefix: name, ...settings } };
}

/** On the listener with a login. */
function secure(name: string, username: keyof typeof USERS, settings: object = {}): object {
  const sasl = { mechanism: 'scram-sha-512', username, password: USERS[username] };
  return open(name, { brokers: kafka.secureBootstrap, ssl: { ca: kafka.certificate }, sasl, ...settings });
}

/** What is said of the sinks, without their addresses; no model is tried. */
async function look(
  sinks: readonly object[],
  config: object = {},
  flags: readonly string[] = [],
): Promise<string[]> {
  const file = folder.file(`${++configs}.yaml`);
  const journal = { path: folder.file('j.db') };
  const model = { path: folder.path };
  writeFileSync(file, JSON.stringify({ sinks, journal, model, http: { port: 0 }, ...config }));
  const { status, stdout, stderr } = await labelcast(['doctor', '-c', file, ...flags]);
  expect(status).toBe(1); // for the model
  for (const password of [...Object.values(USERS), 'nope']) expect(stdout + stderr).not.toContain(password);
  const lines = stdout.split('\n').filter((line) => line.slice(6, 14).trim() === 'sink');
  const said = lines.map((line) => `${line.slice(0, 4).trim()} ${line.slice(16)}`);
  return said.map(
    (line) =>
      line
        .replaceAll(kafka.bootstrap[0]!, 'PLAIN')
        .replaceAll(kafka.secureBootstrap[0]!, 'TLS')
        .replace(/\((?:ENOTFOUND|EAI_AGAIN)\)/, '(CODE)'), // as the resolver of the machine has it
  );
}

test('brokers, logins and what may be created are told, and nothing is created', async () => {
  const sinks = [
    open('free'),
    secure('mine', 'alice'),
    secure('theirs', 'bob'),
    secure('wrong', 'alice', { sasl: { mechanism: 'plain', username: 'alice', password: 'nope' } }),
  ];
  expect(await look(sinks, { streams: STREAMS }, ['--kafka', kafka.bootstrap[0]!])).toEqual([
    'ok --kafka: PLAIN answers; it is the only broker',
    'ok --kafka: labelcast.labels, labelcast.state, labelcast.streams: not there yet, may be created; whether they may be written shows then',
    'ok free: PLAIN answers; it is the only broker',
    'ok free: free.labels, free.state, free.streams: not there yet, may be created; whether they may be written shows then',
    'ok mine: TLS answers, over TLS, and takes the login of alice; it is the only broker',
    'ok mine: mine.labels, mine.state, mine.streams: not there yet, may be created; whether they may be written shows then',
    'ok theirs: TLS answers, over TLS, and takes the login of bob; it is the only broker',
    'fail theirs: cannot create theirs.labels, theirs.state, theirs.streams: Kafka at TLS does not allow it to bob; grant what docs/kafka.md lists',
    expect.stringMatching(
      /^fail theirs: cannot read: Kafka at TLS gives no consumer group to bob; grant READ/,
    ),
    'fail wrong: cannot connect: Kafka at TLS refuses the login of alice; check mechanism, username and password under sasl of the sink',
  ]);
  expect(await listTopics(kafka.bootstrap)).toEqual(HALF); // not even that of Kafka's groups
});

test('rights on topics that are there are told one by one, without a record being written', async () => {
  const cleanup =
    'cleanup.policy of half.labels, half.state, half.streams may not be seen; grant DESCRIBE_CONFIGS on them';
  const [alice, bob] = (['alice', 'bob'] as const).map((name) => ({ ...secure('half', name), name }));
  const answers = (name: string) =>
    `ok ${name}: TLS answers, over TLS, and takes the login of ${name}; it is the only broker`;
  const there = 'topics with partitions: half.labels (1), half.state (1), half.streams (1)';
  expect(await look([alice!])).toEqual([
    answers('alice'),
    `ok alice: ${there}`,
    `warn alice: ${cleanup}`,
    'ok alice: alice may write half.labels, half.state, half.streams',
  ]);
  expect(await look([bob!], { streams: STREAMS })).toEqual([
    answers('bob'),
    `ok bob: ${there}`,
    `warn bob: ${cleanup}`,
    'fail bob: bob lacks WRITE on half.labels, WRITE and READ on half.state, WRITE on half.streams; grant what docs/kafka.md lists under Rights',
    expect.stringMatching(
      /^fail bob: cannot read: Kafka at \S+ gives no consumer group to bob; grant READ on the groups that begin with labelcast-/,
    ),
  ]);
  const held = await Promise.all(HALF.map((name) => readWithKcat(kafka.bootstrap, name)));
  expect(held).toEqual([[], [], []]);
});

test('what exactlyOnce needs besides is told, and no transactional id is taken', async () => {
  const settings = { topicPrefix: 'half', exactlyOnce: true };
  const looks = [
    await look([secure('alice', 'alice', settings)]),
    await look([secure('admin', 'admin', settings)]),
  ];
  const said = looks.flat();
  expect(said.filter((line) => /^fail|may write/.test(line))).toEqual([
    'fail alice: alice lacks READ on half.labels, READ on half.streams; grant what docs/kafka.md lists under Rights',
    'fail alice: cannot write: Kafka at TLS gives no transactions to alice; grant DESCRIBE and WRITE on the transactional ids that begin with labelcast-',
    'ok admin: admin may write half.labels, half.state, half.streams',
  ]);
  expect(await listTopics(kafka.bootstrap)).toEqual(HALF); // not even that of Kafka's transactions
});

test('a topic that would lose events is a fault, and a broker that is away beside one that answers a warning', async () => {
  await makeTopic(kafka.bootstrap, 'lossy.labels', { name: 'cleanup.policy', value: 'compact' });
  const sinks = [open('lossy', { brokers: [...kafka.bootstrap, '127.0.0.1:1'] })];
  const said = await look(sinks);
  expect(said).toEqual([
    'ok lossy: PLAIN answers; it is the only broker',
    'warn lossy: Kafka at 127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED); other brokers answer; check the port, and that the broker runs',
    'ok lossy: topics with partitions: lossy.labels (1)',
    'ok lossy: lossy.state, lossy.streams: not there yet, may be created; whether they may be written shows then',
    expect.stringMatching(
      /^fail lossy: lossy\.labels has cleanup\.policy=compact .*; kafka-configs\.sh --bootstrap-server PLAIN /,
    ),
    'ok lossy: this client may write lossy.labels',
  ]);
});

test('TLS that is missing, unwanted or not trusted is told in words', async () => {
  const sinks = [
    open('unwanted', { ssl: true }),
    open('missing', { brokers: kafka.secureBootstrap }),
    secure('untrusted', 'alice', { ssl: true }),
    open('nowhere', { brokers: ['nobody.invalid:9092'] }),
  ];
  expect(await look(sinks)).toEqual([
    expect.stringMatching(/^fail unwanted: Kafka at PLAIN .*(leave out ssl)/),
    expect.stringMatching(
      /^fail missing: Kafka at TLS closed the connection; the port may want TLS \(set ssl\)/,
    ),
    expect.stringMatching(
      /^fail untrusted: .*certificate of Kafka at TLS is not trusted .*; set ssl\.ca of the sink/,
    ),
    expect.stringMatching(/^fail nowhere: Kafka at nobody\.invalid:9092 .*its name is not known/),
  ]);
});

test('an address that a broker gives out and that leads nowhere is told apart from the one of the config', async () => {
  const properties = { 'advertised.listeners': 'PLAINTEXT://broker.invalid:9092' };
  const lost = await startKafka({ properties });
  try {
    const [broker] = lost.bootstrap as [string];
    expect(await look([open('lost', { brokers: [broker] })])).toEqual([
      `fail lost: Kafka at broker.invalid:9092 cannot be reached: its name is not known (CODE); ${broker} gives out that address; set advertised.listeners of the brokers to names that this machine knows and can reach`,
    ]);
  } finally {
    await lost.stop();
  }
});

test('a broker that hangs is a fault after a bounded time, and Ctrl-C does not wait for it', async () => {
  await kafka.brokers[0]!.kill('SIGSTOP');
  try {
    const onStart = (child: ChildProcess): void => {
      child.stdout!.on('data', (text: string) => {
        if (text.includes('disk') && !child.killed) child.kill('SIGINT'); // what comes next is the broker
      });
    };
    const args = ['doctor', '--kafka', kafka.bootstrap[0]!, '--model', folder.path];
    const [said, interrupted] = await Promise.all([look([open('hung')]), labelcast(args, { onStart })]);
    expect(said).toEqual([
      'fail hung: Kafka at PLAIN does not answer in time; see whether the broker hangs, or the network loses what is sent',
    ]);
    expect([interrupted.status, interrupted.stderr]).toEqual([130, '']);
    expect(interrupted.stdout).not.toContain('--kafka');
  } finally {
    await kafka.brokers[0]!.kill('SIGCONT');
  }
});
