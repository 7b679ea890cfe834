import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { until } from '../until.js';
import { createFolder } from './clips.js';
import { labelcast } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

/** A camera that takes connections and never answers. */
async function openSilentCamera(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

function toUrl(server: Server): string {
  return `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/cam`;
}

test('cameras wait for the timing of the provider, and each is told at its turn', async () => {
  let told = '';
  let toldBefore = '';
  const camera = await openSilentCamera((socket) => {
    toldBefore ||= told;
    socket.on('error', () => {});
    const isTold = until('the other one is told', () => told.includes('gone: '));
    void isTold.then(() => socket.destroy()).catch(() => {}); // then it is silent, which shows below
  });
  const streams = [
    { id: 'gone', url: 'rtsp://127.0.0.1:1/cam' },
    { id: 'mute', url: toUrl(camera) },
  ];
  const config = folder.file('turns.yaml');
  writeFileSync(
    config,
    JSON.stringify({ streams, http: { port: 0 }, journal: { path: folder.file('j.db') } }),
  );
  const run = await labelcast(['doctor', '-c', config, '--streams'], {
    onStart: (child) => child.stdout!.on('data', (text: string) => (told += text)),
  });
  camera.close();
  expect(toldBefore).toMatch(/^ok {4}provider/m);
  const found = run.stdout.split('\n').filter((line) => line.slice(6, 14).trim() === 'stream');
  expect(found).toEqual([
    expect.stringMatching(/^fail {2}stream {4}gone: .* nothing listens on that port/),
    expect.stringMatching(/^fail {2}stream {4}mute: (?!.*does not answer)/), // as it would after 15 s
  ]);
  expect(run.status).toBe(1);
});

test('Ctrl-C waits for no check that is under way', async () => {
  const [ffmpeg, begun, go] = ['ffmpeg', 'begun', 'go'].map(folder.file) as [string, string, string];
  const waiting = `n=0; until [ -e '${go}' ] || [ $n = 1200 ]; do n=$((n + 1)); sleep 0.1; done`;
  writeFileSync(ffmpeg, `#!/bin/sh\necho $$ > '${begun}'\n${waiting}\n`);
  chmodSync(ffmpeg, 0o755);
  const isBegun = () => existsSync(begun) && readFileSync(begun, 'utf8').endsWith('\n');
  const run = await labelcast(['doctor'], {
    cwd: folder.path,
    env: { FFMPEG_PATH: ffmpeg },
    onStart: (child) =>
      child.stdout!.once('data', () => {
        void until('ffmpeg is under way', isBegun)
          .catch(() => {}) // then it shows below
          .then(() => child.kill('SIGINT'));
      }),
  });
  const pid = Number(readFileSync(begun, 'utf8'));
  const isUnderWay = existsSync(`/proc/${pid}`);
  writeFileSync(go, '');
  expect([isUnderWay, run.status, run.stderr]).toEqual([true, 130, '']);
  expect(run.stdout).toMatch(/^\S+ +node .*\n$/);
  await until('the ffmpeg has ended', () => !existsSync(`/proc/${pid}`));
});
