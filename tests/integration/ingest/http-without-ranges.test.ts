import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendsRanges } from '../../../src/ingest/http-identity.js';
import { makeClip, openFolder, takeAll, toSource } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const folder = await openFolder();
let version = '"v1"';
/** Cuts each connection of ffmpeg after this part of the file. */
let part = 1;
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://x');
  const content = readFileSync(join(folder.path, pathname));
  response.writeHead(200, { 'content-length': content.length, etag: version, 'accept-ranges': 'none' });
  const isCut = part < 1 && request.headers['user-agent']?.startsWith('Lavf') === true;
  if (!isCut) response.end(content);
  else response.write(content.subarray(0, content.length * part), () => request.socket.end());
});
let base = '';

beforeAll(async () => {
  const source = '-f lavfi -i testsrc2=s=320x240:r=25:d=20 -f lavfi -i sine=d=20 -c:a aac';
  await makeClip(
    folder.path,
    `${source} -c:v libx264 -preset ultrafast -g 50 -bf 2 -pix_fmt yuv420p last.mp4`,
  );
  await makeClip(folder.path, '-i last.mp4 -c copy -movflags +faststart first.mp4');
  await makeClip(folder.path, '-i last.mp4 -c copy clip.mkv');
  await makeClip(folder.path, '-i last.mp4 -c copy clip.ts');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await folder.close();
});

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test.each(['first.mp4', 'clip.mkv'])(
    '%s is read to its end, and goes on as if undisturbed',
    async (name) => {
      part = 1;
      const whole = await takeAll(`${base}/${name}`, build);
      expect(whole).toEqual(await takeAll(join(folder.path, name), build));
      expect(whole.times).toHaveLength(100);
      const resume = { lastMs: whole.times[70]!, frameHash: whole.hashes[70]! };
      const rest = await takeAll(`${base}/${name}`, build, { resume });
      expect([rest.hashes, rest.end]).toEqual([whole.hashes.slice(71), whole.end]);
    },
  );

  test.each([
    ['last.mp4', 'has its index at its end, and its server sends no ranges', /faststart/],
    ['clip.ts', 'does not state its duration, and its server sends no ranges', /from disk/],
  ])('%s is refused with the remedy', async (name, what, remedy) => {
    part = 1;
    await expect(takeAll(`${base}/${name}`, build)).rejects.toMatchObject({
      streamCause: 'unsupported',
      message: expect.stringContaining(`${base}/${name} ${what}`),
      remedy: expect.stringMatching(remedy),
    });
  });

  test('a connection that is lost on the way is an error to be tried again, not a corrupt file', async () => {
    part = 0.5;
    await expect(takeAll(`${base}/first.mp4`, build)).rejects.toMatchObject({
      name: 'IngestError',
      retryable: true,
      message: expect.stringContaining('connection broke'),
    });
  });
});

test('the identity is that of address, version and length', async () => {
  part = 1;
  const of = async (url: string): Promise<string | null> => (await toSource(url)).identity;
  const plain = await of(`${base}/first.mp4`);
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  expect(await of(`${base.replace('//', '//me:secret@')}/first.mp4?token=1`)).toBe(plain);
  expect(await of(`${base}/clip.mkv`)).not.toBe(plain);
  version = '"v2"';
  expect(await of(`${base}/first.mp4`)).not.toBe(plain);
});

test('to ask for ranges is given up at once when aborted', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const abort = new AbortController();
  silent.once('request', () => abort.abort(new Error('enough')));
  const { port } = silent.address() as AddressInfo;
  await expect(sendsRanges(`http://127.0.0.1:${port}/x.mp4`, abort.signal)).rejects.toThrow('enough');
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
