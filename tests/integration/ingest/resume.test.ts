import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeClip, openFolder, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const clip = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  const make = (options: string): Promise<void> => makeClip(folder.path, options);
  const source = '-f lavfi -i testsrc2=s=96x64:r=25:d=24 -f lavfi -i sine=d=24 -c:a aac -pix_fmt yuv420p';
  await make(`${source} -c:v libx264 -preset ultrafast -bf 3 -g 50 plain.mp4`);
  await make('-i plain.mp4 -c copy -output_ts_offset 7.3 late.mp4');
  await make('-i plain.mp4 -c copy -output_ts_offset 7.3 late.mkv');
  await make('-i plain.mp4 -c copy -output_ts_offset 7.3 late.ts');
  await make('-i plain.mp4 -c copy -ss 3.3 edited.mp4');
  await make(
    `${source} -c:v libx264 -preset ultrafast -x264-params open-gop=1:keyint=60:bframes=3 open-gop.ts`,
  );
});
afterAll(() => folder.close());

const names = ['plain.mp4', 'late.mp4', 'late.mkv', 'late.ts', 'edited.mp4', 'open-gop.ts'];
const cases = Object.entries(builds).flatMap(([build, value]) =>
  names.map((name) => ({ build, name, value })),
);

test.each(cases)('$name goes on as if undisturbed, with the $build ffmpeg', async ({ name, value }) => {
  const whole = await takeAll(clip(name), value);
  expect(whole.times.length).toBeGreaterThan(100);
  for (const at of [3, 61, whole.times.length - 2]) {
    const resume = { lastMs: whole.times[at]!, frameHash: whole.hashes[at]! };
    const rest = await takeAll(clip(name), value, { resume });
    expect(rest.times).toEqual(whole.times.slice(at + 1));
    expect(rest.hashes).toEqual(whole.hashes.slice(at + 1));
    expect(rest.end).toEqual(whole.end);
  }
});

test('a checkpoint whose frame is not met as stored is passed by decoding from the start', async () => {
  const whole = await takeAll(clip('plain.mp4'), builds.debian);
  const rest = await takeAll(clip('plain.mp4'), builds.debian, { resume: { lastMs: 20_000, frameHash: 1 } });
  expect(rest.times).toEqual(whole.times.filter((ptsMs) => ptsMs > 20_000));
  expect(rest.hashes).toEqual(whole.hashes.slice(-rest.hashes.length));
});

test('a checkpoint at the last frame leaves nothing and ends as the whole file does', async () => {
  const whole = await takeAll(clip('plain.mp4'), builds.debian);
  const resume = { lastMs: whole.times.at(-1)!, frameHash: whole.hashes.at(-1)! };
  const rest = await takeAll(clip('plain.mp4'), builds.debian, { resume });
  expect(rest).toEqual({ times: [], hashes: [], damaged: [], end: whole.end });
});
