import '../integration/publish/disposal.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { LabelcastEvent, LabelEvent } from '../../src/types.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { deployedToken, openPrometheus } from '../services/prometheus.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';
import { isClearError, labelcast, type Run, toEvents } from './labelcast.js';
import { readMetrics } from './metrics.js';
import { checkDeployed, checkScrapes } from './scrape-checks.js';
import { answerOf } from '../answer.js';
import { until } from '../until.js';

const folder = createFolder();
const PASSWORD = 'p@ss word';
const TOKEN = deployedToken();
let kafka: KafkaCluster;
let brokers: string;
let camera: RtspServer;

beforeAll(async () => {
  kafka = await startKafka({});
  brokers = kafka.bootstrap.join(',');
  camera = await openRtspServer({
    mounts: { '/cam': await makeCameraClip() },
    user: 'admin',
    password: PASSWORD,
  });
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  await kafka?.stop();
  folder.remove();
});
let stopNow: () => void = () => {};
afterEach(() => stopNow());

function labelEvents(events: readonly LabelcastEvent[]): LabelEvent[] {
  return events.filter((event): event is LabelEvent => event.type.includes('.label.'));
}

function states(events: readonly LabelcastEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'io.labelcast.stream.state.v1' && 'state' in event.data ? [event.data.state] : [],
  );
}

/** Segments that began but did not end. */
function openOf(events: readonly LabelEvent[]): Set<string> {
  const open = new Set<string>();
  for (const { data } of events) {
    if (data.phase === 'ended') open.delete(data.segmentId);
    else open.add(data.segmentId);
  }
  return open;
}

/** A broker that is still loading its groups is told of too, and waited for. */
function checkWhole({ status, stderr }: Run): void {
  expect(status).toBe(0);
  expect(stderr).not.toMatch(/missing|came late|repeated|two writers/);
}

test('a camera with a password, lost for a while, gives gapless numbers, a gap and the same epoch, in Kafka too', async () => {
  let printed = '';
  const run = await labelcast(['tag', camera.url('/cam'), '--kafka', brokers, '--duration', '45', '--json'], {
    onStart: (child) => {
      child.stdout!.on('data', (text: string) => {
        const hadLabel = printed.includes('label.started');
        printed += text;
        if (hadLabel || !printed.includes('label.started')) return;
        void wait(2000)
          .then(() => camera.kill())
          .then(() => wait(8000))
          .then(() => camera.restart());
      });
    },
  });
  expect({ status: run.status, isTold: run.stderr.includes(PASSWORD) }).toEqual({ status: 0, isTold: false });
  const events = toEvents(run.stdout);
  const labels = labelEvents(events);
  expect(labels.map(({ data }) => data.sequence)).toEqual(labels.map((_, n) => n + 1));
  expect(new Set(events.map(({ data }) => data.epoch)).size).toBe(1);
  expect([...states(events)].filter((state) => state === 'online').length).toBeGreaterThanOrEqual(2);
  expect(states(events)).toContain('gap');
  expect(states(events).at(-1)).toBe('ended');
  // a machine that is busy may have been blind before, too
  const gapsMs = labels.flatMap(({ data: { reason, confirmedMs, endMs } }) => {
    if (reason !== 'gap') return [];
    const after = labels.find(({ data }) => data.phase === 'started' && data.startMs > confirmedMs);
    return after === undefined ? [] : [after.data.startMs - endMs!];
  });
  expect(Math.max(...gapsMs)).toBeGreaterThan(7000);
  expect(openOf(labels).size).toBe(0);
  expect(events.every((event) => !JSON.stringify(event).includes('ss word'))).toBe(true);
  const read = await labelcast(['consume', '--kafka', brokers, '--json', '--until-end']);
  checkWhole(read);
  expect(labelEvents(toEvents(read.stdout)).map(({ id }) => id)).toEqual(labels.map(({ id }) => id));
});

test.each<[string, () => string, string, string, string]>([
  [
    'a wrong password',
    () => camera.url('/cam').replace(/admin:[^@]*@/, 'admin:nope@'),
    'refuses user and password',
    'auth',
    '60', // it does not take that long: that cannot be mended by waiting
  ],
  ['an unknown path', () => camera.url('/none'), 'does not exist on that server', 'not-found', '60'],
  ['a refused port', () => 'rtsp://127.0.0.1:1/cam', 'cannot be reached', 'refused', '15'],
])('%s is one clear error, exit 2', async (_, url, said, cause, seconds) => {
  const run = await labelcast(['tag', url(), '--json', '--give-up-after', seconds]);
  expect([run.status, isClearError(run.stderr, '127.0.0.1')]).toEqual([2, true]);
  expect(run.stderr).toContain(said);
  expect(toEvents(run.stdout).at(-1)!.data).toMatchObject({ state: 'failed', cause });
});

test('a camera that gave no picture until --duration was over has failed, with its cause', async () => {
  const run = await labelcast(['tag', 'rtsp://127.0.0.1:1/cam', '--json', '--duration', '15']);
  expect([run.status, isClearError(run.stderr, '127.0.0.1')]).toEqual([2, true]);
  expect(run.stderr).toContain('cannot be reached');
  expect(toEvents(run.stdout).at(-1)!.data).toMatchObject({ state: 'failed', cause: 'refused' });
});

/** So that some label is on whenever the service is stopped, and goes on however slow the machine is. */
const EASILY_ON = 'smoothing: { enter: 0.1, exit: 0.05, resumeToleranceMs: 60000 }';

function writeConfig(): string {
  const file = folder.file('labelcast.yaml');
  const gate = (id: string, url: string) => `  - { id: ${id}, url: "${url}", tags: { site: north } }`;
  const lines = [
    `journal: { path: ${folder.file('serve.db')}, maxBytes: 1073741824 }`,
    EASILY_ON,
    `http: { port: 0, token: ${TOKEN} }`,
    `sinks: [ { name: file, ndjson: { path: ${folder.file('serve.ndjson')} } }, { kafka: { brokers: [${brokers}], topicPrefix: serve } } ]`,
    'streams:',
    gate('gate-1', camera.url('/cam')),
    gate('gate-2', camera.url('/cam')),
    gate('dead', 'rtsp://127.0.0.1:1/cam'),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Serves until `done`, which gets the address and says when it has seen enough; then SIGTERM. */
async function serveUntil(config: string, done: (address: string) => Promise<void>): Promise<Run> {
  let seen: Promise<void> | undefined;
  const run = await labelcast(['serve', '-c', config, '--log-format', 'json', '--log-level', 'debug'], {
    onStart: (child) => {
      stopNow = () => child.kill('SIGKILL');
      let log = '';
      child.stderr!.on('data', (text: string) => {
        if (seen !== undefined) return;
        log += text;
        const address = /"address":"([^"]+)"/.exec(log)?.[1];
        if (address === undefined) return;
        seen = done(address).finally(() => child.kill('SIGTERM'));
        seen.catch(() => {}); // it is awaited when the command has ended
      });
    },
  });
  await seen?.catch((error: unknown) => {
    throw new Error(`${String(error)}; the service said:\n${run.stderr.slice(-6000)}`);
  });
  return run;
}

/** What the file sink got. */
function filedLabels(): LabelEvent[] {
  return labelEvents(toEvents(readFileSync(folder.file('serve.ndjson'), 'utf8')));
}

/** Segments that were open at a stop go on by name, or end because they were about to; a stop alone ends none. */
function checkResumed(before: readonly LabelEvent[], after: readonly LabelEvent[]): void {
  expect([...before, ...after].filter(({ data }) => data.reason === 'shutdown')).toEqual([]);
  const open = [...openOf(before)];
  const next = open.map((id) => after.find(({ data }) => data.segmentId === id)?.data.reason);
  expect(next).toContain('resumed');
  expect(next.filter((reason) => reason !== 'resumed' && reason !== 'threshold')).toEqual([]);
  const resumed = after.filter(({ data }) => data.phase === 'updated' && data.reason === 'resumed');
  expect(resumed.map(({ data }) => data.segmentId).filter((id) => !open.includes(id))).toEqual([]);
}

test('serve watches, counts every frame in every scrape, drains on SIGTERM, and goes on with the same segments', async () => {
  const config = writeConfig();
  const first = await serveUntil(config, async (address) => {
    const shows = async (name: string, labels: string) => (await readMetrics(address, TOKEN))(name, labels);
    await until('a label is on', async () => (await shows('open_segments', 'gate-1')) > 0);
    expect((await answerOf(`${address}/healthz`)).status).toBe(200);
    await until('ready', async () => (await answerOf(`${address}/readyz`)).status === 200);
    expect((await answerOf(`${address}/metrics`)).status).toBe(401);
    await until('the other camera', async () => (await shows('frames_inferred_total', 'gate-2')) > 0);
    const offline = 'stream="dead",state="offline"';
    await until('the dead one is offline', async () => (await shows('stream_state', offline)) === 1);
    await until('a label is on', async () => (await shows('open_segments', 'gate-1')) > 0);
  });
  const before = filedLabels();
  const second = await serveUntil(config, async (address) => {
    await using prometheus = await openPrometheus(new URL(address).host);
    await checkScrapes(prometheus, () => camera.kill());
    await checkDeployed(prometheus);
  });
  for (const { status, stderr } of [first, second])
    expect([status, stderr.includes(TOKEN), stderr.includes('ss word')]).toEqual([143, false, false]);
  checkResumed(before, filedLabels().slice(before.length));
  const read = await labelcast([
    'consume',
    '--kafka',
    brokers,
    '--topic-prefix',
    'serve',
    '--until-end',
    '--json',
  ]);
  checkWhole(read);
  for (const id of ['gate-1', 'gate-2']) {
    const labels = labelEvents(toEvents(read.stdout)).filter(({ data }) => data.streamId === id);
    expect(labels.map(({ data }) => data.sequence)).toEqual(labels.map((_, n) => n + 1));
    expect(new Set(labels.map(({ data }) => data.epoch)).size).toBe(1);
    // what was open at the stop was continued by name, or ended, but never began twice
    const began = labels.filter(({ data }) => data.phase === 'started').map(({ data }) => data.segmentId);
    expect(new Set(began).size).toBe(began.length);
  }
  expect(labelEvents(toEvents(read.stdout)).some(({ data }) => data.tags['site'] === 'north')).toBe(true);
});

test('serve --check says whether the config can be used, and serve lists every problem with its path', async () => {
  expect(await labelcast(['serve', '-c', writeConfig(), '--check'])).toMatchObject({
    status: 0,
    stdout: 'ok: 3 streams, 2 sinks, sgfn-nano-coco80\n',
  });
  const bad = folder.file('bad.yaml');
  writeFileSync(
    bad,
    'streams:\n  - { id: a, url: "rtsp://h/1" }\n  - { id: a, url: "ftp://h/2", speed: 3 }\n',
  );
  const run = await labelcast(['serve', '-c', bad]);
  expect([run.status, /^\s+at /m.test(run.stderr)]).toEqual([2, false]);
  for (const path of ['streams.1.url', 'streams.1.speed']) expect(run.stderr).toContain(path);
});
