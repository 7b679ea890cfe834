import '../publish/disposal.js';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeClip, openFolder, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { watchLive } from './live-watch.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const clip = join(folder.path, 'hdr.ts');
const senders = new Set<ChildProcess>();
/** A camera over http: the clip again and again, at its own rate. */
const server = createServer((_request, response) => {
  const sender = spawn(
    builds.debian.path,
    `-v quiet -re -stream_loop -1 -i ${clip} -c copy -f mpegts -`.split(' '),
  );
  senders.add(sender);
  sender.once('close', () => senders.delete(sender));
  sender.stdout.pipe(response);
  response.once('close', () => sender.kill('SIGKILL'));
});
let url = '';

beforeAll(async () => {
  const tags = 'log-level=error:keyint=5:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc';
  const picture = '-f lavfi -i smptehdbars=s=320x180:r=5:d=4 -pix_fmt yuv420p10le';
  await makeClip(folder.path, `${picture} -c:v libx265 -preset ultrafast -x265-params ${tags} hdr.ts`);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hdr.ts`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await folder.close();
});

test.each(Object.entries(builds))(
  'tones of an HDR camera are mapped by the %s ffmpeg as of a file',
  async (_name, build) => {
    const mapped = new Set((await takeAll(clip, build)).hashes);
    const plain = new Set((await takeAll(clip, { ...build, canToneMap: false })).hashes);
    expect([...mapped].filter((hash) => plain.has(hash))).toEqual([]);
    await using watch = watchLive({ url, build });
    await watch.until(() => watch.times.length >= 5);
    await watch.stop();
    expect(watch.hashes.filter((hash) => !mapped.has(hash))).toEqual([]);
    expect([watch.states, watch.messages]).toEqual([['connecting', 'online'], []]);
  },
);

test('where they cannot be mapped, it is said once', async () => {
  await using watch = watchLive({ url, build: { ...builds.debian, canToneMap: false } });
  await watch.until(() => watch.times.length >= 3);
  await watch.stop();
  expect(watch.messages).toEqual([
    expect.stringMatching(/hdr\.ts is HDR and this ffmpeg cannot map its tones.*;/),
  ]);
});
