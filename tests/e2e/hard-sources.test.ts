import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
const files: Record<string, string> = { '/demo.mp4': DEMO_CLIP, '/last.mp4': folder.file('last.mp4') };
/** Gives out whole files and nothing else. */
const server = createServer((request, response) => {
  const content = readFileSync(files[request.url ?? '']!);
  response
    .writeHead(200, { 'content-length': content.length, 'accept-ranges': 'none', etag: '"1"' })
    .end(content);
});
let base = '';

beforeAll(async () => {
  ffmpeg('-i', DEMO_CLIP, '-c', 'copy', folder.file('last.mp4'));
  ffmpeg('-i', DEMO_CLIP, '-c', 'copy', '-movflags', '+faststart', folder.file('first.mp4'));
  files['/demo.mp4'] = folder.file('first.mp4');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  folder.remove();
});

test('HDR is warned of once where ffmpeg lacks the filters for it, and tagged all the same', async () => {
  const hdr = folder.file('hdr.mp4');
  const tags = 'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc';
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=10:d=3', '-pix_fmt', 'yuv420p10le'];
  ffmpeg(...source, '-c:v', 'libx265', '-x265-params', tags, hdr);
  const lacking = folder.file('ffmpeg-without-zscale');
  writeFileSync(
    lacking,
    '#!/bin/sh\ncase "$*" in *-filters) ffmpeg "$@" | grep -v zscale ;; *) exec ffmpeg "$@" ;; esac\n',
  );
  chmodSync(lacking, 0o755);
  const run = await labelcast(['tag', hdr, '--json'], { env: { FFMPEG_PATH: lacking } });
  expect([run.status, run.stderr.match(/is HDR/g)?.length]).toEqual([0, 1]);
  expect(run.stderr).toMatch(/hdr\.mp4 is HDR .*; use an ffmpeg with the filters zscale and tonemap/);
  const well = await labelcast(['tag', hdr, '--json']);
  expect([well.status, well.stderr]).toEqual([0, '']);
});

test('a file from a server without ranges is tagged as from disk, and not again with --resume', async () => {
  const arguments_ = ['tag', `${base}/demo.mp4`, '-o', folder.file('out'), '--json'];
  const [far, near] = [await labelcast(arguments_), await labelcast(['tag', files['/demo.mp4']!, '--json'])];
  // Another identity: that of the address.
  const times = (text: string): unknown[] =>
    toLabelLines(toEvents(text)).map((line) => {
      const [, sequence, data] = JSON.parse(line) as [string, string, { label: string; startMs: number }];
      return [sequence, data.label, data.startMs];
    });
  expect([far.status, far.stderr, times(far.stdout)]).toEqual([0, '', times(near.stdout)]);
  const again = await labelcast([...arguments_, '--resume']);
  expect([again.status, again.stdout === far.stdout]).toEqual([0, true]);
});

test('a file whose index is at its end is refused with what to do', async () => {
  const run = await labelcast(['tag', `${base}/last.mp4`, '--json']);
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(
    /last\.mp4 has its index at its end, and its server sends no ranges; fetch.*\+faststart/,
  );
});
