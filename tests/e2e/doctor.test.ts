import '../integration/publish/disposal.js';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import bundled from '@ffmpeg-installer/ffmpeg';
import stringWidth from 'string-width';
import { makeCameraClip, openRtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';
import { labelcast, type Run } from './labelcast.js';
import { Serving } from './serving.js';
import { onTerminal } from './terminal.js';

const folder = createFolder();
afterAll(() => folder.remove());

interface Report {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly findings: readonly {
    readonly name: string;
    readonly status: string;
    readonly text: string;
    readonly remedy: string | null;
  }[];
}

let configs = 0;

/** The file of a config. */
function write(config: object): string {
  const file = folder.file(`labelcast-${++configs}.yaml`);
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  return file;
}

/** Of one subject, as `status text; remedy`. */
function of(subject: string, { stdout }: Run): string[] {
  return stdout
    .split('\n')
    .filter((line) => line.slice(6, 14).trim() === subject)
    .map((line) => line.slice(0, 4).trim() + line.slice(15));
}

function subjects({ stdout }: Run): string[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(6, 14).trim());
}

test('without a config everything that a run needs is looked at, and nothing is made', async () => {
  const run = await labelcast(['doctor'], { cwd: folder.path });
  expect({ status: run.status, subjects: subjects(run), stderr: run.stderr }).toEqual({
    status: 0,
    subjects: ['node', 'ffmpeg', 'formats', 'inputs', 'model', 'provider', 'journal', 'disk'],
    stderr: '',
  });
  expect(of('journal', run)).toEqual([
    `ok ${folder.file('labelcast.db')} is not there yet; its folder can be written`,
  ]);
  expect(readdirSync(folder.path)).toEqual([]);
});

test('the bundled ffmpeg is warned about, and is no fault', async () => {
  const run = await labelcast(['doctor'], { env: { FFMPEG_PATH: bundled.path } });
  expect(run.status).toBe(0);
  expect(of('ffmpeg', run)).toEqual([
    expect.stringMatching(
      /^warn \S+ of 2018, \d+ years old: \S+, named by FFMPEG_PATH; .*; install a current ffmpeg /,
    ),
  ]);
});

test('an ffmpeg, a model or a device that is not there is a fault, and the rest is looked at all the same', async () => {
  const env = { FFMPEG_PATH: '/nonexistent' };
  const [lost, strange] = await Promise.all([
    labelcast(['doctor', '--model', folder.path], { env, cwd: folder.path }),
    labelcast(['doctor', '--device', 'cuda', '--streams'], { cwd: folder.path }),
  ]);
  expect([lost.status, subjects(lost)]).toEqual([1, ['node', 'ffmpeg', 'model', 'journal', 'disk']]);
  expect(of('stream', strange)).toEqual([
    expect.stringMatching(/^warn there are no streams to open; name a/),
  ]);
  expect([...of('ffmpeg', lost), ...of('model', lost)]).toEqual([
    'fail FFMPEG_PATH: /nonexistent cannot be run as ffmpeg; name an ffmpeg that runs on this machine, or leave it out to use the one on PATH',
    `fail no model package in ${folder.path}: manifest.json does not exist; name the folder of a model package with --model or model.path`,
  ]);
  expect([strange.status, ...of('provider', strange)]).toEqual([
    1,
    expect.stringMatching(
      /^fail the device cuda cannot be used here: there is no NVIDIA driver: .*use --device cpu$/,
    ),
  ]);
});

test('--json is one object for a bug report, without passwords', async () => {
  const mounts = { '/cam': await makeCameraClip() };
  await using camera = await openRtspServer({ mounts, user: 'op', password: 'hush' });
  const config = write({
    http: { port: 0, token: 'hush-token' },
    sinks: [
      {
        name: 'gone',
        kafka: { brokers: ['127.0.0.1:1'], sasl: { mechanism: 'plain', username: 'op', password: 'hush' } },
      },
      { ndjson: { path: folder.file('nope/e.ndjson') } },
    ],
    streams: [
      { id: 'door', url: camera.url('/cam') },
      { id: 'gate', url: 'rtsp://op:hush@127.0.0.1:1/cam' },
    ],
    model: { path: folder.path },
  });
  const run = await labelcast([
    'doctor',
    '-c',
    config,
    '--json',
    '--streams',
    '--journal',
    folder.file('j.db'),
  ]);
  const report = JSON.parse(run.stdout) as Report;
  expect(report).toMatchObject({
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  });
  expect(Object.keys(report)).toEqual(['version', 'node', 'platform', 'findings']);
  expect(report.findings.find(({ name }) => name === 'stream')).toEqual({
    name: 'stream',
    status: 'ok',
    text: expect.stringMatching(/^door: h264, \d+x\d+, \S+ fps, first frame after \d+\.\d\d s$/),
    remedy: null,
  });
  const faults = report.findings.filter(({ status }) => status === 'fail');
  expect(faults.filter(({ name }) => name !== 'model')).toEqual([
    {
      name: 'sink',
      status: 'fail',
      text: `ndjson: ${folder.file('nope/e.ndjson')} cannot be written: the folder ${folder.file('nope')} is not there`,
      remedy: expect.stringMatching(/^create the folder/),
    },
    {
      name: 'sink',
      status: 'fail',
      text: 'gone: Kafka at 127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED)',
      remedy: 'check the port, and that the broker runs',
    },
    {
      name: 'stream',
      status: 'fail',
      text: expect.stringMatching(/^gate: rtsp:\/\/127\.0\.0\.1:1\/cam cannot be reached/),
      remedy: expect.stringMatching(/port/),
    },
  ]);
  expect(run.stdout + run.stderr).not.toContain('hush');
  expect([run.status, existsSync(folder.file('j.db'))]).toEqual([1, false]);
});

test('a config that is wrong ends it at once', async () => {
  const run = await labelcast(['doctor', '-c', write({ http: { prot: 1 } })]);
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toMatch(/prot/);
});

test('what a running serve has is in use, and no fault; the port of another program is one', async () => {
  const journal = { path: folder.file('served.db') };
  const streams = [{ id: 'gate', url: 'rtsp://127.0.0.1:1/cam' }];
  const config = { journal, streams, http: { port: 0 } };
  await using serving = await Serving.start(config, folder.file('serve.yaml'));
  const port = Number(new URL(serving.address).port);
  const taken = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const other = (taken.address() as AddressInfo).port;
  const [mine, foreign] = await Promise.all([
    labelcast(['doctor', '-c', write({ ...config, http: { port } })]),
    labelcast(['doctor', '-c', write({ model: { path: folder.path }, http: { port: other } })]),
  ]);
  taken.close();
  expect([mine.status, ...of('journal', mine), ...of('port', mine)]).toEqual([
    0,
    expect.stringMatching(
      /^ok \S+served\.db holds \d+ events?, .*; it is whole; in use by process \d+: no fault, but no other run/,
    ),
    `ok 127.0.0.1:${port} is in use by a labelcast that runs: no fault, but no other one can listen there`,
  ]);
  expect([foreign.status, ...of('port', foreign)]).toEqual([
    1,
    `fail another program listens on 127.0.0.1:${other}; choose another http.host or http.port, or end that program (ss -ltnp 'sport = :${other}' names it)`,
  ]);
});

test.each([20, 80])(
  'on a terminal of %d columns no line is wider, and the last one counts',
  async (columns) => {
    const env = { FFMPEG_PATH: bundled.path, NO_COLOR: '1' };
    const run = await onTerminal(`labelcast doctor --model ${folder.path}`, { columns, rows: 100, env });
    expect(run.status).toBe(1);
    const widths = run.raw.split('\r\n').map((line) => stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(run.lines.some((line) => /^ +→ install a/.test(line))).toBe(true);
    expect(run.lines.at(-1)).toMatch(/^1 fault, \d warnings$/); // Node.js may be old as well
  },
);
