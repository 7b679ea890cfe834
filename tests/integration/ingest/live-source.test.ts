import '../publish/disposal.js';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IngestError } from '../../../src/errors.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../../services/rtsp.js';
import { makeClip, openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { ffmpegChildren, toSteps, watchLive, watchUndisturbed } from './live-watch.js';

const builds = await findTestBuilds();
const { debian } = builds;
const folder = await openFolder();
const password = 'p@ss:w/rd';
let open: RtspServer;
let closed: RtspServer;

beforeAll(async () => {
  const mounts = {
    '/cam': await makeCameraClip(),
    '/rare': join(folder.path, 'rare.mp4'),
    '/open': join(folder.path, 'open.mp4'),
  };
  const source = '-f lavfi -i testsrc2=s=96x64:r=15:d=60 -pix_fmt yuv420p';
  await makeClip(folder.path, `${source} -c:v libx264 -bf 0 -g 45 -sc_threshold 0 rare.mp4`);
  await makeClip(
    folder.path,
    `${source} -c:v libx264 -x264-params open-gop=1:keyint=15:bframes=3:scenecut=0 open.mp4`,
  );
  open = await openRtspServer({ mounts });
  closed = await openRtspServer({ mounts, user: 'admin', password });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
  await folder.close();
});

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test('a camera behind a password gives frames at the wanted rate, and ends when aborted', async () => {
    const watch = await watchUndisturbed(async () => {
      await using watch = watchLive({ url: closed.url('/cam'), build });
      await watch.until(() => watch.times.length > 12);
      await watch.stop();
      return watch;
    });
    // The build of 2018 gives the very first picture a time of its own invention.
    const steps = toSteps(watch.times).slice(2, 10);
    expect(steps).toEqual(Array.from(steps, () => 200));
    expect(watch.states).toEqual(['connecting', 'online']);
    expect(watch.decodeErrors).toBe(0);
    expect(await watch.end).toEqual({ durationMs: null, cause: null });
    expect(ffmpegChildren()).toEqual([]);
  });

  test('key frames that come rarely are all that is given, and none is taken for a stall', async () => {
    await using watch = watchLive({ url: open.url('/rare'), build, keyframesOnly: true, stallAfterMs: 1000 });
    await watch.until(() => watch.times.length > 3);
    expect(toSteps(watch.times).slice(1)).toEqual([3000, 3000]);
    expect(watch.states).toEqual(['connecting', 'online']);
    // each is given when it comes, not when the next one does; a few in a row that no pause of this machine held up
    await watch.until(() => {
      const lags = watch.takenMs.slice(-4).map((takenMs, n) => takenMs - watch.times.slice(-4)[n]!);
      return Math.max(...lags) - Math.min(...lags) < 2500;
    });
  });

  test('key frames that come in a wrong order without the others are read once more with them', async () => {
    await using watch = watchLive({ url: open.url('/open'), build, keyframesOnly: true });
    await watch.until(() => watch.times.length > 7);
    // the server's times of reordered pictures are off by one
    const steps = toSteps(watch.times).slice(-3);
    expect(steps.every((step) => Math.abs(step - 1000) <= 67)).toBe(true);
    expect(watch.states).toEqual(['connecting', 'online']);
  });

  test.each([
    ['a wrong password', 'auth', () => closed.url('/cam').replace('p%40ss', 'secret')],
    ['no password', 'auth', () => closed.url('/cam').replace(/\/\/.*@/, '//')],
    ['an unknown path', 'not-found', () => open.url('/nowhere')],
  ])('%s fails at once as %s where that is wanted', async (_what, cause, toUrl) => {
    await using watch = watchLive({ url: toUrl(), build, failFast: true });
    const error = (await watch.end.catch((thrown: unknown) => thrown)) as IngestError;
    expect(error.streamCause).toBe(cause);
    expect(watch.states).toEqual(['connecting', `offline ${cause}`]);
    expect(JSON.stringify([error.message, error.remedy, watch.messages])).not.toMatch(/secret|admin|p%40ss/);
    expect(ffmpegChildren()).toEqual([]);
  });

  test('a refused port is tried again until patience ends', async () => {
    await using watch = watchLive({
      url: 'rtsp://127.0.0.1:9/cam',
      build,
      failFast: true,
      giveUpAfterMs: 12_000,
    });
    await expect(watch.end).rejects.toMatchObject({ streamCause: 'refused', retryable: true });
    expect(watch.states.filter((state) => state === 'connecting').length).toBeGreaterThan(1);
    expect(watch.states.filter((state) => state.startsWith('offline'))).toEqual(
      watch.states.filter((state) => state === 'connecting').map(() => 'offline refused'),
    );
  });

  test('a server that is killed and comes back is read again, and its times run on', async () => {
    await using server = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
    await using watch = watchLive({ url: server.url('/cam'), build });
    await watch.until(() => watch.times.length > 5);
    await server.kill();
    await watch.until(() => watch.states.includes('offline ended'));
    const before = watch.times.length;
    await watch.until(() => watch.states.filter((state) => state.startsWith('offline')).length > 1);
    expect(watch.times.length).toBe(before);
    await server.restart();
    await watch.until(() => watch.times.length > before + 5);
    expect(watch.states.slice(0, 3)).toEqual(['connecting', 'online', 'offline ended']);
    expect(watch.states.at(-1)).toBe('online');
    expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
    // Frames around the hole lie as far apart as they were seen, each within a second.
    const holeMs = watch.times[before]! - watch.times[before - 1]!;
    expect(Math.abs(holeMs - (watch.takenMs[before]! - watch.takenMs[before - 1]!))).toBeLessThan(2500);
  });

  test('a camera that falls silent with its socket open has stalled, and is read again when it is back', async () => {
    await using server = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
    await using watch = watchLive({ url: server.url('/cam'), build, stallAfterMs: 3000 });
    await watch.until(() => watch.times.length > 5);
    server.freeze();
    await watch.until(() => watch.states.includes('offline stalled'));
    expect(watch.messages).toContainEqual(expect.stringContaining('sent no picture for 3 s'));
    const before = watch.times.length;
    await watch.until(() => watch.states.length > 3);
    server.thaw();
    await watch.until(() => watch.times.length > before + 5);
    expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
  });

  test('a clip that ends is a stream that was lost, and is read again', async () => {
    await makeClip(folder.path, `-stream_loop 1 -i ${await makeCameraClip()} -t 4 -c copy short.mp4`);
    await using server = await openRtspServer({ mounts: { '/short': join(folder.path, 'short.mp4') } });
    await using watch = watchLive({ url: server.url('/short'), build });
    await watch.until(() => watch.states.filter((state) => state === 'online').length === 2);
    expect(watch.states.slice(0, 3)).toEqual(['connecting', 'online', 'offline ended']);
    expect(toSteps(watch.times).every((step) => step > 0)).toBe(true);
  });
});

test('a wrong password is tried again, rarely, where failing fast is not wanted', async () => {
  await using watch = watchLive({ url: closed.url('/cam').replace('p%40ss', 'x'), build: debian });
  await watch.until(() => watch.states.includes('offline auth'));
  const sinceMs = Date.now();
  await watch.until(() => watch.states.length >= 3);
  expect(Date.now() - sinceMs).toBeGreaterThan(3000);
  await watch.stop();
});

test('a consumer that holds all slots loses pictures, not the connection', async () => {
  const { openLiveSource } = await import('../../../src/ingest/live-source.js');
  const { smallInput } = await import('./clips.js');
  const states: string[] = [];
  let dropped = 0;
  const abort = new AbortController();
  const frames = openLiveSource({
    url: open.url('/cam'),
    name: 'cam',
    build: debian,
    input: smallInput,
    fps: 15,
    slots: 2,
    originMs: Date.now(),
    afterMs: null,
    failFast: true,
    giveUpAfterMs: null,
    stallAfterMs: 60_000,
    listener: {
      connection: (state) => void states.push(state),
      decodeError: () => {},
      dropped: () => void (dropped += 1),
    },
  }).frames(abort.signal);
  const first = await frames.next();
  while (dropped < 20) await new Promise((resolve) => setTimeout(resolve, 10));
  if (first.done !== true) first.value.pixels.release();
  const second = await frames.next();
  expect(second.done).toBe(false);
  expect(states).toEqual(['connecting', 'online']);
  abort.abort();
  expect(await frames.next()).toMatchObject({ done: true });
  expect(ffmpegChildren()).toEqual([]);
});

test('an end while connecting, while reading and while waiting leaves no process', async () => {
  for (const phase of ['connecting', 'online', 'offline refused']) {
    const url = phase === 'offline refused' ? 'rtsp://127.0.0.1:9/cam' : open.url('/cam');
    await using watch = watchLive({ url, build: debian });
    await watch.until(() => watch.states.includes(phase));
    await watch.stop();
    expect(watch.states.at(-1)).toBe(phase);
    expect(ffmpegChildren()).toEqual([]);
  }
});
