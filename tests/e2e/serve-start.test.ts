import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import type { Prelude } from '../../src/infer/manifest.js';
import { TinyPackage } from '../integration/infer/tiny-package.js';
import { createFolder } from './clips.js';
import { labelcast, type Run } from './labelcast.js';

const folder = createFolder();
const packages: TinyPackage[] = [];
afterAll(() => {
  folder.remove();
  for (const one of packages) one.remove();
});

const PRELUDE: Prelude = {
  input: 'x',
  output: 'y',
  layout: 'nchw',
  channels: 'rgb',
  scale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  activation: 'none',
};
type PackageOptions = ConstructorParameters<typeof TinyPackage>[1] & object;
const STREAMS = [{ id: 'gate', url: 'rtsp://op:hush@127.0.0.1:1/cam' }];

function serve(config: object, ...flags: readonly string[]): Promise<Run> {
  const file = folder.file('labelcast.yaml');
  writeFileSync(file, JSON.stringify({ streams: STREAMS, http: { port: 0 }, ...config })); // JSON is YAML
  return labelcast(['serve', '-c', file, ...flags]);
}

test('--check lists what is watched and where events go, and says what it did not try', async () => {
  const sinks = [
    { name: 'main', kafka: { brokers: ['kafka:9092'], sasl: toLogin() } },
    { ndjson: { path: folder.file('e.ndjson') } },
  ];
  const run = await serve({ journal: { path: folder.file('j.db') }, sinks }, '--check');
  expect(run).toMatchObject({ status: 0, stdout: 'ok: 1 stream, 2 sinks, sgfn-nano-coco80\n' });
  expect(run.stderr.split('\n')).toEqual([
    expect.stringMatching(/^ {2}model {3}sgfn-nano-coco80 [\d.]+ {2}opens on cpu$/),
    '  stream  gate  rtsp://127.0.0.1:1/cam',
    '  sink    main  Kafka at kafka:9092, topics labelcast.*',
    `  sink    ndjson  file ${folder.file('e.ndjson')}`,
    `  journal ${folder.file('j.db')}`,
    'not tried: cameras, brokers, port',
    '',
  ]);
  expect(existsSync(folder.file('j.db'))).toBe(false);
});

function toLogin(): object {
  return { mechanism: 'scram-sha-512', username: 'u', password: 'hush' };
}

test('--check names each folder that is not there, by its key', async () => {
  writeFileSync(folder.file('file'), '');
  mkdirSync(folder.file('taken'));
  const sinks = [
    { name: 'a', ndjson: { path: '/nope/x/e.ndjson' } },
    { name: 'b', ndjson: { path: folder.file('file/e.ndjson') } },
    { name: 'c', ndjson: { path: folder.file('taken') } },
  ];
  const run = await serve({ journal: { path: '/nope/j.db' }, sinks }, '--check');
  expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 2, stdout: '' });
  expect(run.stderr.split('\n').slice(1, -1)).toEqual([
    '  - journal.path: the folder /nope is not there',
    '  - sinks.0.ndjson.path: the folder /nope/x is not there',
    `  - sinks.1.ndjson.path: ${folder.file('file')} is no folder`,
    `  - sinks.2.ndjson.path: ${folder.file('taken')} is no file`,
  ]);
});

test.each<[what: string, options: PackageOptions, why: RegExp]>([
  ['a manifest of another width', { width: 9 }, /input `frames` is uint8 \[N,8,8,3\], but the manifest/],
  ['a label too few', { labels: 2 }, /output `scores` is float32 \[N,3\], but the manifest/],
  [
    'an output that is not there',
    { prelude: { ...PRELUDE, output: 'yy' } },
    /no input `x` or no output `yy`/,
  ],
  ['another layout', { prelude: { ...PRELUDE, layout: 'nhwc' } }, /says 8x8 as nhwc, model\.onnx takes x /],
])('--check opens the model: %s is refused as serve refuses it', async (_, options, why) => {
  const tiny = new TinyPackage('prelude' in options ? 'foreign' : 'tiny', options);
  packages.push(tiny);
  const config = { journal: { path: folder.file('package.db') }, model: { path: tiny.dir } };
  const checked = await serve(config, '--check');
  expect(checked).toMatchObject({ status: 2, stdout: '' });
  expect(checked.stderr).toMatch(why);
  const run = await serve(config);
  expect([run.status, run.stderr.endsWith(checked.stderr)]).toEqual([2, true]);
});

test('--check says of a device that it did not try it, and still opens the model', async () => {
  const config = { journal: { path: folder.file('j.db') }, model: { device: 'cuda' } };
  const run = await serve(config, '--check');
  expect(run).toMatchObject({ status: 0, stdout: 'ok: 1 stream, 0 sinks, sgfn-nano-coco80\n' });
  expect(run.stderr).toMatch(/not tried: cameras, brokers, port, device cuda\n$/);
});

test('relative paths of a configuration count from the folder in which labelcast is started', async () => {
  const cwd = realpathSync(folder.path);
  const sinks = [{ ndjson: { path: 'e.ndjson' } }];
  mkdirSync(folder.file('etc'));
  const check = (model: object) => {
    const config = { streams: STREAMS, journal: { path: 'j.db' }, sinks, model };
    writeFileSync(folder.file('etc/labelcast.yaml'), JSON.stringify(config));
    return labelcast(['serve', '-c', 'etc/labelcast.yaml', '--check'], { cwd });
  };
  const { status, stderr } = await check({});
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining(`file ${cwd}/e.ndjson\n  journal ${cwd}/j.db\n`),
  ]);
  expect(await check({ path: 'etc/none' })).toMatchObject({
    status: 2,
    stderr: `error: no model package in ${cwd}/etc/none: manifest.json does not exist; name the folder of a model package with --model or model.path\n`,
  });
});

test('messages of serve name keys of the configuration, no flags of tag', async () => {
  writeFileSync(folder.file('notes.db'), 'nothing to read here\n'.repeat(100));
  const foreign = await serve({ journal: { path: folder.file('notes.db') } });
  expect(foreign).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/is not a labelcast journal; name another file with journal\.path\n$/),
  });
  const sinks = [{ ndjson: { path: folder.file('newdir/e.ndjson') } }];
  const homeless = await serve({ journal: { path: folder.file('fresh.db') }, sinks });
  expect(homeless).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/newdir is not there, so \S+ cannot be written; create it, or mount/),
  });
  expect(foreign.stderr + homeless.stderr).not.toMatch(/--journal|--fresh|delete/);
});

test('a port that is taken leaves no journal behind, of serve or of tag', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  const served = await serve({ journal: { path: folder.file('late.db') }, http: { port } });
  const flags = ['--metrics-port', String(port), '--journal', folder.file('late.db')];
  const tagged = await labelcast(['tag', 'demo/demo.mp4', ...flags]);
  await new Promise((resolve) => taken.close(resolve));
  for (const { status, stderr } of [served, tagged]) {
    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot be listened on: another program listens there; choose another/);
  }
  expect(existsSync(folder.file('late.db'))).toBe(false);
});
