import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resolveSources } from '../../../src/ingest/sources.js';
import { openFolder } from './clips.js';

const folder = await openFolder();
const cwd = folder.path;
const content = Buffer.alloc(9 << 20, 'abcdefg');
const requests: { url: string; authorization: string | undefined }[] = [];
let server: Server;
let base = '';

function answer(request: IncomingMessage, response: ServerResponse): void {
  requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
  const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
  if (request.url?.startsWith('/missing')) response.writeHead(404).end();
  else if (request.url?.startsWith('/secret')) response.writeHead(401).end();
  else if (request.url?.startsWith('/whole')) {
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length }).end(content);
  } else if (request.url?.startsWith('/vague')) response.writeHead(200).end(content);
  else {
    const [from, end] = [Number(range?.[1]), Math.min(content.length, Number(range?.[2]) + 1)];
    const headers = { 'content-range': `bytes ${from}-${end - 1}/${content.length}` };
    response.writeHead(206, headers).end(content.subarray(from, end));
  }
}

beforeAll(async () => {
  await mkdir(join(cwd, 'clips/deep'), { recursive: true });
  await mkdir(join(cwd, 'empty'));
  await writeFile(join(cwd, 'clips/Gate 2 – Nörd.MP4'), content);
  await copyFile(join(cwd, 'clips/Gate 2 – Nörd.MP4'), join(cwd, 'clips/deep/copy.mkv'));
  await writeFile(join(cwd, 'clips/other.ts'), 'other');
  await writeFile(join(cwd, 'clips/notes.txt'), 'no video');
  await writeFile(join(cwd, 'clips/a[1].mp4'), 'brackets');
  await writeFile(join(cwd, 'zero.mp4'), '');
  await symlink(join(cwd, 'clips'), join(cwd, 'clips/deep/loop'));
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await folder.close();
});

test('a folder gives its videos at any depth, copies as one stream under the first path', async () => {
  const { sources, failures } = await resolveSources(['clips'], cwd);
  expect(failures).toEqual([]);
  const named = sources.map(({ names }) => names.filter((name) => !name.includes('loop')));
  expect(named).toEqual([
    ['clips/Gate 2 – Nörd.MP4', 'clips/deep/copy.mkv'],
    ['clips/a[1].mp4'],
    ['clips/other.ts'],
  ]);
  const [gate] = sources;
  expect(gate?.streamId).toBe(`Gate-2-Nord.MP4~${gate?.identity?.slice(0, 8)}`);
  expect(gate?.sourceUri).toMatch(/^file:\/\/\/.*\/clips\/Gate%202%20/);
  expect(gate?.input).toBe(`file:${join(cwd, 'clips/Gate 2 – Nörd.MP4')}`);
});

test('a pattern, a name that looks like one, a file URL and a repeated name are understood', async () => {
  const args = ['clips/*.ts', 'clips/a[1].mp4', `file://${cwd}/clips/other.ts`, 'clips/other.ts'];
  const { sources, failures } = await resolveSources(args, cwd);
  expect(failures).toEqual([]);
  expect(sources.map(({ names }) => names)).toEqual([['clips/other.ts'], ['clips/a[1].mp4']]);
});

test('neither name nor place changes an identity, one changed byte at either end does', async () => {
  await writeFile(join(cwd, 'first.mp4'), Buffer.concat([Buffer.from('x'), content.subarray(1)]));
  await writeFile(join(cwd, 'last.mp4'), Buffer.concat([content.subarray(0, -1), Buffer.from('x')]));
  const args = ['clips/deep/copy.mkv', 'clips/Gate 2 – Nörd.MP4', 'first.mp4', 'last.mp4'];
  const { sources } = await resolveSources(args, cwd);
  expect(new Set(sources.map(({ identity }) => identity)).size).toBe(3);
});

test.each([
  ['gone.mp4', 'not-found', 'gone.mp4 does not exist'],
  ['zero.mp4', 'corrupt', 'zero.mp4 is empty (0 bytes)'],
  ['empty', 'not-found', 'empty holds no videos'],
  ['*.xyz', 'not-found', '*.xyz matches no file'],
  ['ftp://u:p@h/a.mp4', 'unsupported', 'ftp://h/a.mp4: ftp is not a scheme that can be read'],
  ['rtsp://u:p@h/a', 'unsupported', 'rtsp://h/a is a live stream and no file'],
  ['udp://239.0.0.1:1', 'unsupported', 'udp://239.0.0.1:1 is a live stream and no file'],
  ['http://[', 'not-found', 'http://[ is not a valid URL'],
])('%s fails with the cause %s and says what to do', async (arg, cause, message) => {
  const { sources, failures } = await resolveSources([arg, 'clips/other.ts'], cwd);
  expect(sources).toHaveLength(1);
  expect(failures.map(({ error }) => [error.streamCause, error.message])).toEqual([[cause, message]]);
  expect(failures[0]?.error.remedy).toMatch(/\.$/);
});

test('over http a content has the identity it has on disk, and credentials stay out of what is shown', async () => {
  requests.length = 0;
  const url = `http://me:pa%40ss@${base}/a%20b.mp4?token=abc`;
  const { sources } = await resolveSources([url, 'clips/deep/copy.mkv'], cwd);
  expect(sources).toHaveLength(1);
  const [source] = sources;
  expect(source?.names).toEqual(['clips/deep/copy.mkv', `http://${base}/a%20b.mp4?token=***`]);
  expect(requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:pa@ss').toString('base64')}`);
  const alone = (await resolveSources([url], cwd)).sources[0];
  expect(alone?.streamId).toBe(`a-b.mp4~${source?.identity?.slice(0, 8)}`);
  expect(alone?.sourceUri).toBe(`http://${base}/a%20b.mp4?token=***`);
  expect(alone?.input).toBe(url);
});

test('a server without ranges is believed by version and length; one that states neither gives no identity', async () => {
  const urls = [`http://${base}/whole.mp4?a=1`, `http://${base}/whole.mp4?a=2`, `http://${base}/vague.mp4`];
  const { sources } = await resolveSources(urls, cwd);
  expect(sources.map(({ names }) => names.length)).toEqual([2, 1]);
  expect(sources[0]?.identity).toMatch(/^[0-9a-f]{64}$/);
  expect(sources[1]?.identity).toBeNull();
  expect(sources[1]?.streamId).toMatch(/^vague\.mp4~[0-9a-f]{8}$/);
});

test('what a server refuses is told apart from a server that is not there', async () => {
  const urls = [`http://${base}/missing.mp4`, `http://u:p@${base}/secret.mp4`, 'http://127.0.0.1:1/x.mp4'];
  const { failures } = await resolveSources(urls, cwd);
  expect(failures.map(({ error }) => error.streamCause)).toEqual(['not-found', 'auth', 'refused']);
  expect(failures.map(({ error }) => error.message)).toEqual([
    `http://${base}/missing.mp4 is not there (HTTP 404)`,
    `http://${base}/secret.mp4 is not given out without other credentials (HTTP 401)`,
    expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/x\.mp4 cannot be reached/),
  ]);
});
