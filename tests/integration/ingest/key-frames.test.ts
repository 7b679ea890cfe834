import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canSkipOthers } from '../../../src/ingest/key-frames.js';
import { makeClip, openFolder, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const clip = (name: string): string => join(folder.path, name);
const never = new AbortController().signal;

beforeAll(async () => {
  const make = (options: string): Promise<void> => makeClip(folder.path, options);
  const source = '-f lavfi -i testsrc2=s=96x64:r=25:d=12 -pix_fmt yuv420p';
  const x264 = `${source} -c:v libx264 -preset ultrafast -bf 3 -sc_threshold 0`;
  await make(`${x264} -g 50 closed.mp4`);
  await make('-i closed.mp4 -c copy closed.mkv');
  await make('-i closed.mp4 -c copy -output_ts_offset 7.3 closed.ts');
  await make(`${x264} -x264-params open-gop=1:keyint=50:bframes=3 open.ts`);
  await make(
    `${source} -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=50:scenecut=0 hevc.mp4`,
  );
  await make(`${source} -c:v libvpx-vp9 -g 50 -deadline realtime -cpu-used 8 vp9.webm`);
  await make(`${source} -c:v mpeg4 -g 50 -bf 2 reordered.avi`);
  await make(`${x264} -g 10000 single.mp4`);
  await make('-i single.mp4 -c copy single.ts');
  await make(`${source} -c:v mjpeg intra.mkv`);
  await make(`${x264} -g 50 -x264-params intra-refresh=1 refreshed.mp4`);
});
afterAll(() => folder.close());

const each2s = [0, 2000, 4000, 6000, 8000, 10_000];

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test.each([
    ['closed.mp4', each2s, true],
    ['closed.mkv', each2s, true],
    ['closed.ts', each2s, true],
    ['hevc.mp4', each2s, true],
    ['vp9.webm', each2s, true],
    ['open.ts', each2s, false],
    // the decoder's own times: an AVI has none, and this decoder gives the first two frames late
    ['reordered.avi', [40, 2080, 4000, 5920, 7840, 9760, 11_680], false],
    ['single.mp4', [0], true],
    ['single.ts', [0], true],
    ['refreshed.mp4', [0], true],
    ['intra.mkv', Array.from({ length: 60 }, (_, n) => n * 200), true],
  ])('%s gives its key frames at their times, and goes on among them', async (name, times, canSkip) => {
    const whole = await takeAll(clip(name), build, { keyframesOnly: true });
    expect(whole.times).toEqual(times);
    expect(whole.damaged).toEqual([]);
    expect(whole.end.cause).toBeNull();
    expect(await canSkipOthers(clip(name), build, never)).toBe(canSkip);
    const at = Math.floor(whole.times.length / 2);
    const resume = { lastMs: whole.times[at]!, frameHash: whole.hashes[at]! };
    const rest = await takeAll(clip(name), build, { keyframesOnly: true, resume });
    expect(rest.times).toEqual(whole.times.slice(at + 1));
    expect(rest.hashes).toEqual(whole.hashes.slice(at + 1));
    expect(rest.end).toEqual(whole.end);
  });

  test('a key frame has the pixels that it has among all frames', async () => {
    const all = await takeAll(clip('closed.mp4'), build);
    const keys = await takeAll(clip('closed.mp4'), build, { keyframesOnly: true });
    expect(keys.hashes).toEqual(each2s.map((ptsMs) => all.hashes[all.times.indexOf(ptsMs)]));
  });

  test('no more key frames are given than frames a second are asked for', async () => {
    const { times } = await takeAll(clip('closed.mp4'), build, { keyframesOnly: true, fps: 0.25 });
    expect(times).toEqual([0, 4000, 8000]);
  });
});
