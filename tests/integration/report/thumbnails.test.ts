import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import { makeThumbnails, type ThumbnailOrder, type ThumbnailSheet } from '../../../src/ingest/thumbnails.js';
import { createFolder, DEMO_CLIP, ffmpeg } from '../../e2e/clips.js';
import { findTestBuilds } from '../ingest/ffmpeg-builds.js';

const folder = createFolder();
afterAll(() => folder.remove());

let builds: Record<string, FfmpegBuild>;
beforeAll(async () => {
  builds = await findTestBuilds();
});

const never = new AbortController().signal;

function make(
  order: Partial<ThumbnailOrder> & { path: string },
  signal = never,
): Promise<ThumbnailSheet | null> {
  return makeThumbnails(
    { build: builds['debian']!, durationMs: 20_000, count: 20, maxBytes: 1_000_000, ...order },
    signal,
  );
}

/** A clip whose luma grows with time: `perSecond` steps each second, from black. */
function renderRamp(name: string, seconds: number, perSecond: number, ...options: readonly string[]): string {
  const file = folder.file(name);
  const source = `color=black:s=320x180:r=10:d=${seconds},format=yuv420p,geq=lum='16+floor(T)*${perSecond}':cb=128:cr=128`;
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    source,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-qp',
    '1',
    ...options,
    file,
  );
  return file;
}

/** Mean luma of each tile of a sheet. */
function lumaOf({ jpeg, columns, width, height, timesMs }: ThumbnailSheet): number[] {
  writeFileSync(folder.file('sheet.jpg'), jpeg);
  ffmpeg('-i', folder.file('sheet.jpg'), '-f', 'rawvideo', '-pix_fmt', 'gray', folder.file('sheet.raw'));
  const pixels = readFileSync(folder.file('sheet.raw'));
  const stride = columns * width;
  return timesMs.map((_, n) => {
    const [left, top] = [(n % columns) * width, Math.floor(n / columns) * height];
    return pixels[(top + height / 2) * stride + left + width / 2]!;
  });
}

test.each(['bundled', 'debian', 'current'])(
  '%s: each tile shows the picture of its time, evenly spread',
  async (name) => {
    const path = renderRamp('ramp.mp4', 20, 10);
    const sheet = await make({ path, build: builds[name]! });
    expect(sheet).toMatchObject({ width: 192, height: 108, columns: 5 });
    expect(sheet!.timesMs).toEqual(Array.from({ length: 20 }, (_, n) => n * 1000));
    // full range: 16 is black
    const wanted = sheet!.timesMs.map((ms) => ((ms / 1000) * 10 * 255) / 219);
    expect(lumaOf(sheet!).filter((luma, n) => Math.abs(luma - wanted[n]!) > 6)).toEqual([]);
  },
);

test('of a long file only key frames are decoded', async () => {
  const path = renderRamp('long.mp4', 70, 3, '-g', '70', '-keyint_min', '70', '-sc_threshold', '0');
  const sheet = await make({ path, durationMs: 70_000, count: 120 });
  expect(sheet!.timesMs).toEqual(Array.from({ length: 10 }, (_, n) => n * 7000));
});

test('times are those of labelcast, from the beginning of the file', async () => {
  const path = folder.file('late.mkv');
  ffmpeg('-i', DEMO_CLIP, '-c', 'copy', '-output_ts_offset', '30', path);
  const sheet = await make({ path, count: 4 });
  expect([sheet!.timesMs.length, sheet!.timesMs[0]! < 100, sheet!.timesMs.at(-1)! < 20_000]).toEqual([
    4,
    true,
    true,
  ]);
});

test('a picture stands upright, keeps its shape, and one that changes its size does not end the sheet', async () => {
  const upright = folder.file('upright.mp4');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=180x320:r=5:d=4', '-c:v', 'libx264', upright);
  expect(await make({ path: upright, durationMs: 4000, count: 4 })).toMatchObject({ width: 60, height: 108 });
  const [small, large] = ['320x180', '640x360'].map((size, n) => {
    const part = folder.file(`${n}.ts`);
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `testsrc=s=${size}:r=5:d=4`,
      '-c:v',
      'libx264',
      '-output_ts_offset',
      String(n * 4),
      part,
    );
    return part;
  });
  const both = folder.file('both.ts');
  writeFileSync(both, Buffer.concat([small!, large!].map((part) => readFileSync(part))));
  const sheet = await make({ path: both, durationMs: 8000, count: 8 });
  expect([sheet!.width, sheet!.timesMs.length]).toEqual([192, 8]);
});

test('noise, which does not compress, stays within its bytes', async () => {
  const path = folder.file('noise.mp4');
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'nullsrc=s=320x180:r=2:d=20,geq=random(1)*255:128:128',
    '-c:v',
    'libx264',
    '-crf',
    '1',
    path,
  );
  const large = await make({ path });
  expect(large!.jpeg.length).toBeGreaterThan(100_000);
  const small = await make({ path, maxBytes: 100_000 });
  expect(small!.jpeg.length).toBeLessThanOrEqual(100_000);
  expect(await make({ path, maxBytes: 1000 })).toBeNull();
});

test('what is no video, is gone or is not wanted any more has none', async () => {
  const text = folder.file('text.mp4');
  writeFileSync(text, 'no video '.repeat(1000));
  expect(await make({ path: text })).toBeNull();
  expect(await make({ path: folder.file('gone.mp4') })).toBeNull();
  expect(
    await make({ path: DEMO_CLIP, build: { ...builds['debian']!, path: '/nowhere/ffmpeg' } }),
  ).toBeNull();
  expect(await make({ path: DEMO_CLIP }, AbortSignal.abort())).toBeNull();
});
