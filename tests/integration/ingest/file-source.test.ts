import { readFileSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeClip, openClip, openFolder, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const { debian } = builds;
const folder = await openFolder();
const clip = (name: string): string => join(folder.path, name);
const grid = (from: number, to: number, stepMs: number): number[] =>
  Array.from({ length: Math.round((to - from) / stepMs) }, (_, index) => from + index * stepMs);
/** The processes that this one has started and that still run. */
function ffmpegChildren(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return children
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rawvideo'));
}

beforeAll(async () => {
  const make = (options: string): Promise<void> => makeClip(folder.path, options);
  const x264 = '-c:v libx264 -preset ultrafast -bf 3 -g 25 -pix_fmt yuv420p';
  await make(`-f lavfi -i testsrc2=s=96x64:r=25:d=20 ${x264} whole.mp4`);
  await make(`-i whole.mp4 -c copy -bsf:v noise=amount='if(between(pts*tb,5,15),1,0)' damaged.mp4`);
  await make(
    `-f lavfi -i testsrc2=s=96x64:r=25:d=12 -c:v libx264 -preset veryfast -g 50 -bf 2 reordered.mp4`,
  );
  await make(`-i reordered.mp4 -c copy -bsf:v noise=amount='between(pts*tb,4.56,6.399)' stepped.mp4`);
  await make(`-i whole.mp4 -c copy -output_ts_offset 7.3 late.mkv`);
  await make(`-i whole.mp4 -c copy -output_ts_offset 7.3 late.ts`);
  await make(`-i whole.mp4 -c copy -movflags +faststart cut.mp4`);
  await truncate(clip('cut.mp4'), Math.floor((await readFile(clip('cut.mp4'))).length / 2));
  await make(`-i whole.mp4 -c copy cut.mkv`);
  await truncate(clip('cut.mkv'), Math.floor((await readFile(clip('cut.mkv'))).length / 2));
  await make(`-i whole.mp4 -c:v mjpeg cut.avi`);
  await truncate(clip('cut.avi'), Math.floor((await readFile(clip('cut.avi'))).length / 2));
  const still = "select='not(between(t,5.01,14.99))'";
  await make(`-f lavfi -i testsrc2=s=96x64:r=25:d=20 -vf ${still} -vsync vfr ${x264} still.mp4`);
  await make(`-f lavfi -i testsrc2=s=96x64:r=25:d=3 -f lavfi -i sine=d=9 ${x264} -c:a aac long-sound.mp4`);
  await make(`-i whole.mp4 -c copy -movflags +frag_keyframe+global_sidx+dash fragmented.mp4`);
  const fragmented = await readFile(clip('fragmented.mp4'));
  const moofs = [...fragmented.toString('latin1').matchAll(/moof/g)].map(({ index }) => index - 4);
  await writeFile(clip('cut-fragmented.mp4'), fragmented.subarray(0, moofs[Math.floor(moofs.length / 2)]));
  await make(`-i whole.mp4 -t 3 -c copy part.ts`);
  const part = await readFile(clip('part.ts'));
  await writeFile(clip('joined.ts'), Buffer.concat([part, part]));
  await make(`-i whole.mp4 -t 3 -c copy -output_ts_offset 2.1 overlapping.ts`);
  await writeFile(clip('joined-closely.ts'), Buffer.concat([part, await readFile(clip('overlapping.ts'))]));
  await make(`-ss 2.5 -i whole.mp4 -t 3 -c copy edited.mp4`);
  await make(`-f lavfi -i testsrc2=s=64x48:r=25 -frames:v 1 ${x264} one-frame.mp4`);
  await make(`-f lavfi -i testsrc2=s=64x48:r=10:d=1 -vf scale=1:1 -c:v ffv1 -pix_fmt bgr0 pixel.mkv`);
  await make(`-f lavfi -i testsrc2=s=64x48:r=10:d=1 -vf scale=33:17 -c:v ffv1 -pix_fmt yuv420p10le odd.mkv`);
  await make(`-f lavfi -i testsrc2=s=96x64:r=25:d=1 ${x264} a.ts`);
  await make(`-f lavfi -i testsrc2=s=64x96:r=25:d=1 ${x264} -output_ts_offset 1 b.ts`);
  await writeFile(
    clip('resized.ts'),
    Buffer.concat([await readFile(clip('a.ts')), await readFile(clip('b.ts'))]),
  );
});
afterAll(() => folder.close());

describe.each(Object.entries(builds))('with the %s ffmpeg', (name, build) => {
  test('a plain file gives one frame for each cell of time', async () => {
    const { times, damaged, end } = await takeAll(clip('whole.mp4'), build);
    expect(times).toEqual(grid(0, 20_000, 200));
    expect(damaged).toEqual([]);
    expect(end).toEqual({ durationMs: 20_000, cause: null });
  });

  test('ten seconds of damaged data leave a hole, no invented frame, and damage told at its end', async () => {
    const { times, damaged, end } = await takeAll(clip('damaged.mp4'), build);
    expect(times).toEqual([...grid(0, 5000, 200), 15_040, ...grid(15_200, 20_000, 200)]);
    expect(damaged.filter((ptsMs) => ptsMs >= 5000)).toEqual([15_040]);
    expect(damaged.every((ptsMs) => ptsMs >= 4000)).toBe(true);
    expect(end.cause).toBeNull();
  });

  test('one picture shown for ten seconds is a hole in time but no damage', async () => {
    const { times, damaged } = await takeAll(clip('still.mp4'), build);
    expect(times).toEqual([...grid(0, 5200, 200), ...grid(15_000, 20_000, 200)]);
    expect(damaged).toEqual([]);
  });

  test.each(['late.mkv', 'late.ts'])('%s starts late and still counts from its own start', async (name) => {
    const { times, end } = await takeAll(clip(name), build);
    expect(times).toEqual(grid(0, 20_000, 200));
    expect(end).toEqual({ durationMs: 20_000, cause: null });
  });

  // the bundled build of 2018 does not say that the last packet of an AVI is not whole
  const cut = ['cut.mp4', 'cut.mkv', ...(name === 'bundled' ? [] : ['cut.avi'])];
  test.each(cut)('%s is tagged as far as it goes and called corrupt', async (name) => {
    const { times, end } = await takeAll(clip(name), build);
    // The last one may lie a little later: pictures that came before it in time are behind the cut.
    expect(times.slice(0, -1)).toEqual(grid(0, 20_000, 200).slice(0, times.length - 1));
    expect(times.length).toBeGreaterThan(20);
    expect(end.cause).toBe('corrupt');
    expect(end.message).toMatch(/cut\.\w+ is cut off .*its pictures end at \d+\.\d s$/);
  });

  test('a fragmented file cut between two fragments is corrupt, a whole one is not', async () => {
    expect((await takeAll(clip('fragmented.mp4'), build)).end.cause).toBeNull();
    const { times, end } = await takeAll(clip('cut-fragmented.mp4'), build);
    expect(times).toEqual(grid(0, 20_000, 200).slice(0, times.length));
    expect(end).toMatchObject({ cause: 'corrupt', message: expect.stringContaining('should last 20.0 s') });
  });

  test.each(['joined.ts', 'joined-closely.ts'])(
    'the clock of %s jumps back and ends it there',
    async (file) => {
      const { times, end } = await takeAll(clip(file), build);
      expect(times).toEqual(grid(0, times.length * 200, 200));
      expect(times.at(-1)).toBe(3000);
      expect(end).toMatchObject({
        cause: 'corrupt',
        message: expect.stringContaining('a clock that jumps back'),
      });
    },
  );

  test('a picture that damage puts after a later one is left out, and the file goes on', async () => {
    const { times, end } = await takeAll(clip('stepped.mp4'), build, { fps: 25 });
    expect(times.every((ms, n) => n === 0 || ms > times[n - 1]!)).toBe(true);
    expect(times.at(-1)).toBe(11_960);
    expect(end).toEqual({ durationMs: 12_000, cause: null });
  });

  test('an ffmpeg that somebody ends says nothing about the file', async () => {
    const source = await openClip(clip('whole.mp4'), build, { slots: 1 });
    const frames = source.frames(new AbortController().signal);
    const first = await frames.next();
    for (const pid of ffmpegChildren()) process.kill(pid, 'SIGTERM');
    if (first.done === false) first.value.pixels.release();
    const drain = async (): Promise<void> => {
      for await (const frame of { [Symbol.asyncIterator]: () => frames }) frame.pixels.release();
    };
    await expect(drain()).rejects.toMatchObject({ name: 'IngestError', retryable: true });
  });

  test('sound that outlasts the pictures does not make a file corrupt', async () => {
    const { times, end } = await takeAll(clip('long-sound.mp4'), build);
    expect(times).toEqual(grid(0, 3000, 200));
    expect(end.cause).toBeNull();
  });

  test('what an edit list cuts away is not shown', async () => {
    const { times, hashes } = await takeAll(clip('edited.mp4'), build, { fps: 25 });
    const whole = await takeAll(clip('whole.mp4'), build, { fps: 25 });
    expect(times[0]).toBe(0);
    expect([61, 62, 63].map((index) => whole.hashes[index])).toContain(hashes[0]);
  });

  test('one frame, one pixel, odd sizes and ten bits are all read', async () => {
    expect((await takeAll(clip('one-frame.mp4'), build)).times).toEqual([0]);
    expect((await takeAll(clip('pixel.mkv'), build)).times).toEqual(grid(0, 1000, 200));
    expect((await takeAll(clip('odd.mkv'), build)).times).toEqual(grid(0, 1000, 200));
  });

  test('a change of the picture size puts no second frame into a cell', async () => {
    const { times } = await takeAll(clip('resized.ts'), build, { fps: 0.75 });
    expect(times).toEqual([0, 1360]);
  });
});

test('frames are those of the pictures nearest after each cell began, whatever the rate', async () => {
  const { times } = await takeAll(clip('whole.mp4'), debian, { fps: 7 });
  const first = (cell: number): number => Math.ceil(Math.max(0, cell * (25 / 7) - 1e-9)) * 40;
  expect(times).toEqual(Array.from({ length: 140 }, (_, cell) => first(cell)));
});

test('no more slots are in use than given, and reading waits until one is released', async () => {
  const source = await openClip(clip('whole.mp4'), debian, { slots: 2 });
  const frames = source.frames(new AbortController().signal);
  const held = [await frames.next(), await frames.next()];
  const third = frames.next();
  const isEarly = await Promise.race([third.then(() => true), new Promise((r) => setImmediate(r, false))]);
  expect(isEarly).toBe(false);
  if (held[0]?.done === false) held[0].value.pixels.release();
  const next = await third;
  expect(next.done === false && next.value.ptsMs).toBe(400);
  await frames.return({ durationMs: null, cause: null });
});

test('an abort ends the frames without an error, also while they wait for a slot', async () => {
  const abort = new AbortController();
  const frames = (await openClip(clip('whole.mp4'), debian, { slots: 1 })).frames(abort.signal);
  await frames.next();
  const waiting = frames.next();
  abort.abort();
  expect(await waiting).toEqual({ done: true, value: { durationMs: 20_000, cause: null } });
});

test('a source that is aborted before it starts gives nothing and starts nothing', async () => {
  const frames = (await openClip(clip('whole.mp4'), debian)).frames(AbortSignal.abort());
  expect((await frames.next()).done).toBe(true);
});

test('a file of which no picture can be decoded is refused by name', async () => {
  const name = clip('hopeless.mp4');
  await makeClip(folder.path, `-i whole.mp4 -c copy -bsf:v noise=amount=1 hopeless.mp4`);
  await expect(takeAll(name, debian)).rejects.toMatchObject({ name: 'IngestError', streamCause: 'decode' });
});

test('the same file with damage at its very end is corrupt', async () => {
  await makeClip(folder.path, `-i whole.mp4 -c copy -bsf:v noise=amount='if(gt(pts*tb,10),1,0)' tail.mp4`);
  const { end } = await takeAll(clip('tail.mp4'), debian);
  expect(end).toMatchObject({ cause: 'corrupt', message: expect.stringContaining('should last 20.0 s') });
});
