import '../publish/disposal.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IngestError } from '../../../src/errors.js';
import { openCamera, type Viewer } from '../../services/camera.js';
import { readPictures } from '../../services/rtp.js';
import { makeCameraClip, openRtspServer } from '../../services/rtsp.js';
import { makeClip, openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { ffmpegChildrenOf, toSteps, watchLive, watchUndisturbed } from './live-watch.js';

const builds = await findTestBuilds();
const { debian } = builds;
const folder = await openFolder();
let small: Buffer[][] = [];
let large: Buffer[][] = [];
const HOUR_TICKS = 3600 * 90_000;

beforeAll(async () => {
  const coding =
    '-c:v libx264 -preset ultrafast -tune zerolatency -g 15 -pix_fmt yuv420p -x264-params aud=1 -f h264';
  await makeClip(folder.path, `-f lavfi -i testsrc2=s=320x240:r=15:d=60 ${coding} small.h264`);
  await makeClip(folder.path, `-f lavfi -i testsrc2=s=480x360:r=15:d=20 ${coding} large.h264`);
  small = readPictures(readFileSync(join(folder.path, 'small.h264')));
  large = readPictures(readFileSync(join(folder.path, 'large.h264')));
});
afterAll(() => folder.close());

interface Showing {
  readonly pictures?: readonly (readonly Uint8Array[])[];
  /** The time of picture n in ticks; 15 a second by default. */
  readonly toTicks?: (n: number) => number;
  readonly last?: number;
}

/** Shows pictures, 15 a second, until the viewer is gone or `last` has been sent. */
function show(viewer: Viewer, showing: Showing = {}): Promise<void> {
  const { pictures = small, toTicks = (n: number) => n * 6000 } = showing;
  const last = showing.last ?? pictures.length - 1;
  const startMs = performance.now();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(last, Math.floor(((performance.now() - startMs) * 15) / 1000));
      while (sent <= due) viewer.send(pictures[sent]!, toTicks(sent++));
      if (sent <= last && !viewer.isGone) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
}

// Each has a camera of its own, and nearly all of its time is waiting.
describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test.concurrent('a server that accepts and never answers is a time-out', async () => {
    await using camera = await openCamera(null);
    await using watch = watchLive({ url: camera.url, build, stallAfterMs: 2000, giveUpAfterMs: 3500 });
    await expect(watch.end).rejects.toMatchObject({ streamCause: 'timeout' });
    expect(watch.states.slice(0, 2)).toEqual(['connecting', 'offline timeout']);
    expect(watch.times).toEqual([]);
    expect(ffmpegChildrenOf(camera.url)).toEqual([]);
  });

  test.concurrent('a clock that jumps an hour back and forth leaves no hole, gives no picture twice and ends no connection', async () => {
    // back by an hour after 3 s, forth by an hour after 6 s
    const toTicks = (n: number): number => 2 * HOUR_TICKS + n * 6000 - (n >= 45 && n < 90 ? HOUR_TICKS : 0);
    const watch = await watchUndisturbed(async () => {
      await using camera = await openCamera((viewer) => void show(viewer, { toTicks }));
      await using watch = watchLive({ url: camera.url, build });
      await watch.until(() => watch.times.length >= 45);
      return watch;
    });
    expect(watch.states).toEqual(['connecting', 'online']);
    const steps = toSteps(watch.times);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps)).toBeLessThan(3000); // of the default gapToleranceMs
    const [lasted, took] = [watch.times, watch.takenMs].map((all) => all.at(-1)! - all[0]!);
    expect(Math.abs(lasted! - took!)).toBeLessThan(3000);
    expect(new Set(watch.hashes).size).toBe(watch.hashes.length);
  });

  test.concurrent('a chosen picture does not wait for the next one', async () => {
    // every third is chosen; the one after picture 30 never comes, and the decoder needs to see where 30 ends
    await using camera = await openCamera((viewer) => void show(viewer, { last: 32 }));
    await using watch = watchLive({ url: camera.url, build, stallAfterMs: 30_000 });
    await watch.until(() => watch.times.length + watch.dropped >= 11);
    // two seconds of pictures; held back, the last would come when the silent connection is given up
    expect(watch.takenMs.at(-1)! - watch.takenMs[0]!).toBeLessThan(20_000);
  });

  test.concurrent('a picture size that changes in mid-stream is followed on the same connection', async () => {
    const watch = await watchUndisturbed(async () => {
      await using camera = await openCamera((viewer) => {
        void show(viewer, { last: 44 }).then(() =>
          show(viewer, { pictures: large, toTicks: (n) => (n + 45) * 6000 }),
        );
      });
      await using watch = watchLive({ url: camera.url, build });
      await watch.until(() => watch.times.length >= 30);
      return watch;
    });
    expect(watch.states).toEqual(['connecting', 'online']);
    const steps = toSteps(watch.times).slice(2);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...steps)).toBeLessThanOrEqual(400);
  });

  test.concurrent('garbage instead of pictures is told apart from silence', async () => {
    await using camera = await openCamera((viewer) => {
      const noise = small.map((picture) =>
        picture.map((unit) => unit.map((byte, at) => (at < 1 ? byte : byte ^ 0x5a))),
      );
      void show(viewer, { pictures: noise });
    });
    await using watch = watchLive({ url: camera.url, build, stallAfterMs: 5000 });
    // one that an ffmpeg which is slow to start has no time for is silence
    await watch.until(() => watch.states.includes('offline decode'));
    expect(watch.times).toEqual([]);
  });

  test.concurrent('garbage after pictures is counted, and the stream is read again', async () => {
    let visits = 0;
    await using camera = await openCamera((viewer) => {
      visits += 1;
      const isFirst = visits === 1;
      void show(viewer, isFirst ? { last: 30 } : {}).then(() => {
        const timer = setInterval(() => {
          if (viewer.isGone) clearInterval(timer);
          else viewer.raw(Buffer.from('$\0\u0001\0garbage that is no packet of anything'.repeat(20)));
        }, 50);
      });
    });
    await using watch = watchLive({ url: camera.url, build, stallAfterMs: 15_000 });
    await watch.until(() => watch.states.filter((state) => state === 'online').length === 2);
    expect(watch.states.slice(0, 3)).toEqual(['connecting', 'online', expect.stringMatching(/^offline /)]);
    expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
  });

  test.concurrent('a camera that hangs up has ended, whatever ffmpeg says, and its times run on', async () => {
    await using camera = await openCamera((viewer) => {
      void show(viewer, { last: 30 }).then(() => viewer.hangUp());
    });
    await using watch = watchLive({ url: camera.url, build });
    await watch.until(() => watch.states.filter((state) => state === 'offline ended').length === 2);
    expect(watch.states.slice(0, 6)).toEqual([
      'connecting',
      'online',
      'offline ended',
      'connecting',
      'online',
      'offline ended',
    ]);
    expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
  });
});

test('each fault is told in one line with its camera and what to do, and a camera beside them is not touched', async () => {
  await using closed = await openRtspServer({
    mounts: { '/cam': await makeCameraClip() },
    user: 'admin',
    password: 'right',
  });
  await using mute = await openCamera(null);
  let visits = 0;
  await using frozen = await openCamera((viewer) => void (visits++ === 0 && show(viewer, { last: 30 })));
  await using noisy = await openCamera((viewer) => {
    const noise = small.map((picture) =>
      picture.map((unit) => unit.map((byte, n) => (n < 1 ? byte : ~byte))),
    );
    void show(viewer, { pictures: noise });
  });
  const long = Array.from({ length: 5 }, () => small).flat(); // five minutes
  await using alive = await openCamera((viewer) => void show(viewer, { pictures: long }));
  await using watch = watchLive({ url: alive.url, build: debian });
  await watch.until(() => watch.states.includes('online'));

  const faults: readonly (readonly [url: string, cause: string, what: string])[] = [
    [closed.url('/cam').replace('right', 'wrong'), 'auth', 'refuses user and password'],
    [closed.url('/none'), 'not-found', 'does not exist on that server'],
    ['rtsp://127.0.0.1:1/cam', 'refused', 'cannot be reached'],
    [mute.url, 'timeout', 'does not answer'],
    [frozen.url, 'stalled', 'sent no picture for 15 s though it is still connected'],
    [noisy.url, 'decode', 'sends data that cannot be decoded'],
  ];
  const told = faults.map(async ([url, cause, what]) => {
    await using fault = watchLive({
      url,
      build: debian,
      failFast: true,
      stallAfterMs: 15_000,
      giveUpAfterMs: 35_000,
    });
    const { message, remedy } = (await fault.end.catch((error: unknown) => error)) as IngestError;
    const name = url.replace('admin:right@', '').replace('admin:wrong@', '');
    expect(fault.states.find((state) => state.startsWith('offline'))).toBe(`offline ${cause}`);
    expect(fault.messages[0]).toContain(`${name} ${what}`);
    for (const line of [message, remedy, ...fault.messages])
      expect(line).toMatch(/^(?!.*(?:right|wrong)).+$/);
  });
  await Promise.all(told);
  expect(watch.states).toEqual(['connecting', 'online']);
  expect(watch.decodeErrors).toBe(0);
  const before = watch.times.length;
  await watch.until(() => watch.times.length > before + 5);
  expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
});
