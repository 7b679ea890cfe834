import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openJournal } from '../../src/publish/journal.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { account } from '../services/kafka-accounts.js';
import { allow } from '../services/kafka-admin.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';
import { answerOf } from '../answer.js';
import { until } from '../until.js';
import { Serving } from './serving.js';

const CAMERAS = ['gate', 'door'];
const NOTHING_WRONG = { unknown: 0, disordered: [], different: 0, copies: 0 };
const folder = createFolder();
let kafka: KafkaCluster;
let camera: RtspServer;

beforeAll(async () => {
  const clip = await makeCameraClip();
  [kafka, camera] = await Promise.all([
    startKafka({ users: { admin: 'admin-secret', alice: 'wonder-land' }, isAuthorized: true }),
    openRtspServer({ mounts: { '/cam': clip } }),
  ]);
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  await kafka?.stop();
  folder.remove();
});

/** A sink of its own prefix; with a user it goes to the listener that wants a login. */
function toSink(name: string, user?: { readonly username: string; readonly password: string }): object {
  const open = { brokers: kafka.bootstrap, topicPrefix: name };
  const sasl = { mechanism: 'plain', ...user };
  const guarded = { brokers: kafka.secureBootstrap, ssl: { ca: kafka.certificate }, sasl, topicPrefix: name };
  return { name, kafka: user === undefined ? open : guarded };
}

/** What keeps it from being ready, by sink. */
async function problems(serving: Serving): Promise<string[]> {
  const response = await answerOf(`${serving.address}/readyz`);
  return ((await response.json()) as { problems: string[] }).problems.sort();
}

/** Resolves when every camera was scored and every one of these sinks got events, from now on. */
async function allGoOn(serving: Serving, sinks: readonly string[]): Promise<void> {
  const read = (): Promise<number[]> =>
    Promise.all([
      ...CAMERAS.map((id) => serving.metric('frames_inferred_total', `"${id}"`)),
      ...sinks.map((sink) => serving.metric('events_delivered_total', `"${sink}"`)),
    ]);
  const before = await read();
  await until('both streams go on', async () => (await read()).every((count, n) => count > before[n]!));
}

test('a refused login, a missing right and a broker that hangs concern their sinks alone, until they are mended', async () => {
  const journalFile = folder.file('trouble.db');
  const config = {
    journal: { path: journalFile },
    http: { port: 0 },
    sinks: [
      { name: 'file', ndjson: { path: folder.file('trouble.ndjson') } },
      toSink('fine'),
      toSink('login', { username: 'alice', password: 'wrong' }),
      toSink('right', { username: 'alice', password: 'wonder-land' }),
    ],
    streams: CAMERAS.map((id) => ({ id, url: camera.url('/cam') })),
  };
  await using serving = await Serving.start(config, folder.file('trouble.yaml'));
  const [secure] = kafka.secureBootstrap;
  const refusal = `cannot use login.labels, login.state, login.streams: Kafka at ${secure} refuses the login of alice`;
  const lack = `cannot create right.labels, right.state, right.streams: Kafka at ${secure} does not allow it to alice`;
  // a broker that is slow to answer is another problem for as long as that lasts
  const inTrouble = async (): Promise<void> => {
    const wanted = [`sink login: ${refusal}`, `sink right: ${lack}`];
    let told: string[] = [];
    await until('both sinks are in trouble', async () => {
      told = await problems(serving);
      return told.join() === wanted.join();
    }).catch(() => {}); // what is told instead is seen below
    expect(told).toEqual(wanted);
  };
  await inTrouble();
  await allGoOn(serving, ['file', 'fine']);
  await inTrouble();

  await allow(kafka.bootstrap, 'alice', [
    ['topic', 'right.', 'CREATE'],
    ['topic', 'right.', 'DESCRIBE'],
    ['topic', 'right.', 'READ'],
    ['topic', 'right.', 'WRITE'],
    ['group', 'labelcast-', 'READ'],
  ]);

  await kafka.brokers[0]!.kill('SIGSTOP');
  await until('the broker hangs', async () =>
    (await problems(serving)).some((text) => /^sink fine: .* in time$/.test(text)),
  );
  await allGoOn(serving, ['file']);
  await kafka.brokers[0]!.kill('SIGCONT');
  await until('the broker is back', async () => (await problems(serving)).length === 1);
  await allGoOn(serving, ['file', 'fine', 'right']);

  await serving[Symbol.asyncDispose](); // on SIGTERM it would wait for the login
  const told = serving.log.filter(
    ({ level, sink }) => ['warn', 'error'].includes(level) && sink !== undefined,
  );
  expect(told.filter(({ sink }) => sink === 'login').map(({ msg }) => msg)).toContain(
    `${refusal}; events wait in the journal meanwhile: check mechanism, username and password under sasl of the sink`,
  );
  expect(told.filter(({ sink }) => sink === 'file')).toEqual([]);
  const recovered = serving.log
    .filter(({ msg }) => msg.startsWith('delivering again'))
    .map(({ sink }) => sink);
  expect(new Set(recovered)).toEqual(new Set(['fine', 'right']));
  expect(
    serving.log.filter(({ level, stream }) => ['warn', 'error'].includes(level) && stream !== undefined),
  ).toEqual([]);
  await using journal = await openJournal({ path: journalFile });
  for (const sink of ['fine', 'right']) {
    const { missing, ...rest } = await account(journal, kafka.bootstrap, sink);
    expect(rest).toMatchObject(NOTHING_WRONG);
    expect(missing).toBeLessThanOrEqual(journal.lastPosition - (await journal.cursor(sink))!.position);
  }
});
