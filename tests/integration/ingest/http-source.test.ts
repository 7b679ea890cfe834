import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openFileSource } from '../../../src/ingest/file-source.js';
import { readHeader } from '../../../src/ingest/source-header.js';
import { makeClip, openClip, openFolder, smallInput, takeAll, toSource } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const server = createServer((request, response) => answer(request, response));
let content = Buffer.alloc(0);
let base = '';
/** /flaky.ts ends each connection after so many bytes, and takes it up again. */
const FLAKY_BYTES = 1 << 20;
let flakes = 0;
/** Bytes after which every connection to /broken is cut, and none is taken again. */
let breaksAt = Number.POSITIVE_INFINITY;

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/endless.ts') {
    response.writeHead(200).write(content);
    return;
  }
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(content.length, Number(range[2]) + 1) : content.length;
  const isBroken = request.url === '/broken.ts';
  if (request.url === '/flaky.ts' && end - from > FLAKY_BYTES) {
    const headers = {
      'content-range': `bytes ${from}-${end - 1}/${content.length}`,
      'content-length': end - from,
    };
    response.writeHead(206, headers);
    response.write(content.subarray(from, from + FLAKY_BYTES), () => request.socket.destroy());
    flakes += 1;
    return;
  }
  if (isBroken && from >= breaksAt) {
    request.socket.destroy();
    return;
  }
  const headers = {
    'content-range': `bytes ${from}-${end - 1}/${content.length}`,
    'content-length': end - from,
  };
  response.writeHead(206, headers);
  if (!isBroken || end <= breaksAt) response.end(content.subarray(from, end));
  else response.write(content.subarray(from, breaksAt), () => request.socket.destroy());
}

beforeAll(async () => {
  const video =
    '-f lavfi -i testsrc2=s=640x480:r=25:d=20 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p';
  await makeClip(folder.path, `${video} clip.ts`);
  content = readFileSync(join(folder.path, 'clip.ts'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await folder.close();
});

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test('a file gives the same frames over http as from disk', async () => {
    breaksAt = Number.POSITIVE_INFINITY;
    const [near, far] = [
      await takeAll(join(folder.path, 'clip.ts'), build),
      await takeAll(`${base}/clip.ts`, build),
    ];
    expect(far).toEqual(near);
    expect(far.times).toHaveLength(100);
  });

  test('what has no end is refused as live', async () => {
    const source = await toSource(`${base}/endless.ts`);
    await expect(readHeader(source, build, new AbortController().signal)).rejects.toMatchObject({
      streamCause: 'unsupported',
      message: expect.stringContaining('has no end'),
    });
  });
});

test('a connection that breaks for good is an error to be tried again, not a corrupt file', async () => {
  breaksAt = Number.POSITIVE_INFINITY;
  const source = await openClip(`${base}/broken.ts`, builds.debian);
  breaksAt = Math.floor(content.length / 2);
  const drain = async (): Promise<void> => {
    for await (const frame of source.frames(new AbortController().signal)) frame.pixels.release();
  };
  await expect(drain()).rejects.toMatchObject({ name: 'IngestError', retryable: true });
});

test('a connection that breaks and is made again loses nothing and fails nothing', async () => {
  breaksAt = Number.POSITIVE_INFINITY;
  const source = { ...(await toSource(`${base}/clip.ts`)), input: `${base}/flaky.ts` };
  const header = await readHeader(source, builds.debian, new AbortController().signal);
  flakes = 0;
  const settings = { input: smallInput, fps: 5, slots: 3, gapToleranceMs: 3000, resume: null };
  const frames = openFileSource({ source, header, build: builds.debian, ...settings }).frames(
    new AbortController().signal,
  );
  const times: number[] = [];
  for (;;) {
    const next = await frames.next();
    if (next.done === true) {
      expect(next.value.cause).toBeNull();
      break;
    }
    times.push(next.value.ptsMs);
    next.value.pixels.release();
  }
  expect(times).toHaveLength(100);
  expect(flakes).toBeGreaterThan(1);
});
