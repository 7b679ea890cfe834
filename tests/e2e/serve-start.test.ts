import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { createFolder } from './clips.js';
import { labelcast, type Run } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

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
  expect(run).toMatchObject({ status: 0, stdout: 'ok: 1 streams, 2 sinks, sgfn-nano-coco80\n' });
  expect(run.stderr.split('\n')).toEqual([
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
