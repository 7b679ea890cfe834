import '../publish/disposal.js';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Authority } from '../../services/certificates.js';
import { findFreePort } from '../../services/free-port.js';
import { makeCameraClip, openRtspServer } from '../../services/rtsp.js';
import { openSender, openTlsFront, openWebFolder } from '../../services/sender.js';
import { until } from '../../until.js';
import { makeClip, openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { toSteps, watchLive } from './live-watch.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const authority = await Authority.open();
const CLIP = 'camera.mp4';
const COPY = '-c copy -f mpegts';

beforeAll(() =>
  makeClip(
    folder.path,
    `-f lavfi -i testsrc2=s=320x240:r=15:d=60 -c:v libx264 -preset ultrafast -tune zerolatency -g 15 -pix_fmt yuv420p ${CLIP}`,
  ),
);
afterAll(() => {
  authority.close();
  return folder.close();
});

interface Line {
  /** What ffmpeg does with the clip, and what labelcast watches. */
  readonly sends: (address: string) => string;
  readonly url: (address: string) => string;
  /** What is told when the sender is gone. */
  readonly lost: 'ended' | 'stalled';
}

const LINES: Readonly<Record<string, Line>> = {
  rtmp: {
    sends: (address) => `-c copy -f flv -listen 1 rtmp://${address}/live/gate`,
    url: (address) => `rtmp://${address}/live/gate`,
    lost: 'ended',
  },
  'mpeg-ts over udp': {
    sends: (address) => `${COPY} udp://${address}?pkt_size=1316`,
    url: (address) => `udp://${address}`,
    lost: 'stalled',
  },
  'mpeg-ts over tcp': {
    sends: (address) => `${COPY} tcp://${address}?listen=1`,
    url: (address) => `tcp://${address}`,
    lost: 'ended',
  },
  'mpeg-ts over http': {
    sends: (address) => `${COPY} -listen 1 http://${address}/gate.ts`,
    url: (address) => `http://${address}/gate.ts`,
    lost: 'ended',
  },
  rtp: {
    sends: (address) => `-c copy -f rtp_mpegts rtp://${address}`,
    url: (address) => `rtp://${address}`,
    lost: 'stalled',
  },
};
const SRT: Line = {
  sends: (address) => `${COPY} srt://${address}?mode=listener&passphrase=right-passphrase`,
  url: (address) => `srt://${address}?passphrase=right-passphrase`,
  lost: 'ended',
};

const cases = Object.entries(builds).flatMap(([name, build]) => [
  ...Object.entries(LINES).map(([protocol, line]) => ({ name, build, protocol, line })),
  // the ffmpeg of 2018 has no SRT
  ...(name === 'bundled' ? [] : [{ name, build, protocol: 'srt with a passphrase', line: SRT }]),
]);

test.concurrent.each(cases)(
  '$protocol, read by the $name ffmpeg: pictures as they were taken, and again once the sender is back',
  async ({ build, line: { sends, url, lost } }) => {
    const address = `127.0.0.1:${await findFreePort()}`;
    await using sender = openSender(CLIP, sends(address), folder.path);
    await using watch = watchLive({ url: url(address), build, stallAfterMs: 10_000 });
    await watch.until(() => watch.times.length >= 30);
    expectEven(watch.times.slice(10, 30)); // what ffmpeg learns the format from comes at once

    const before = watch.states.length;
    await sender.stop();
    await watch.until(() => watch.states.slice(before).some((state) => state === `offline ${lost}`));
    sender.start();
    await watch.until(() => watch.states.at(-1) === 'online');
    const seen = watch.times.length;
    await watch.until(() => watch.times.length >= seen + 20);
    expect(Math.min(...toSteps(watch.times))).toBeGreaterThan(0);
    expect(watch.states.filter((state) => state === 'offline decode')).toEqual([]); // nothing came that could be damaged
  },
);

describe.each(Object.entries(builds))('with the %s ffmpeg', (name, build) => {
  test.concurrent('a live playlist is played at its pace, though its pieces come at once', async () => {
    const playlist = join(folder.path, `hls-${name}`);
    mkdirSync(playlist);
    await using sender = openSender(
      CLIP,
      `-c copy -f hls -hls_time 4 -hls_list_size 4 -hls_flags delete_segments hls-${name}/live.m3u8`,
      folder.path,
    );
    await until('there are two pieces', () => existsSync(join(playlist, 'live1.ts')));
    await using web = await openWebFolder(playlist);
    const url = `${web.url}/live.m3u8`;
    await using watch = watchLive({ url, build });
    await using keyFrames = watchLive({ url, build, keyframesOnly: true });
    await watch.until(() => watch.times.length >= 60);
    await keyFrames.until(() => keyFrames.times.length >= 8); // one a second
    await sender.stop();
    for (const step of toSteps(keyFrames.times)) expect(Math.abs(step - 1000)).toBeLessThanOrEqual(1);
    expectEven(watch.times.slice(0, 60));
    expect(watch.dropped).toBe(0);
    expect(watch.states).toEqual(['connecting', 'online']);
    // none long before its time: a piece holds 20 pictures, of which the last would come 3.8 s too early
    const leadMs = watch.times.map((ms, n) => ms - watch.times[0]! - (watch.takenMs[n]! - watch.takenMs[0]!));
    expect(Math.max(...leadMs)).toBeLessThan(2000);
  });

  test.concurrent('rtsps with a certificate that the camera signed itself', async () => {
    const { file } = await authority.sign(name, 'IP:127.0.0.1');
    await using camera = await openRtspServer({
      mounts: { '/cam': await makeCameraClip() },
      certificate: file,
      user: 'op',
      password: 'hush',
    });
    await using watch = watchLive({ url: camera.url('/cam'), build });
    expect(camera.url('/cam')).toMatch(/^rtsps:/);
    await watch.until(() => watch.times.length >= 20);
    expect({ states: watch.states, messages: watch.messages }).toEqual({
      states: ['connecting', 'online'],
      messages: [],
    });
  });

  test.concurrent('rtmps with a certificate that the server signed itself', async () => {
    const port = await findFreePort();
    await using _sender = openSender(CLIP, LINES.rtmp!.sends(`127.0.0.1:${port}`), folder.path);
    await using front = await openTlsFront(await authority.sign(`${name}-rtmps`, 'IP:127.0.0.1'), port);
    const url = `rtmps://127.0.0.1:${front.port}/live/gate`;
    await using watch = watchLive({ url, build, stallAfterMs: 10_000 });
    await watch.until(() => watch.times.length >= 30);
    expectEven(watch.times.slice(10, 30));
    expect(watch.states.filter((state) => state === 'offline decode')).toEqual([]);
  });
});

describe('what cannot be read', () => {
  const { bundled, debian } = builds;

  test('SRT that nobody answers, or whose passphrase is too short, wrong or missing', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const url = `srt://${address}`;
    const short = watchLive({ url: `${url}?passphrase=short`, build: debian, failFast: true }).end;
    await expect(short).rejects.toMatchObject({
      streamCause: 'auth',
      message: `${url}?passphrase=*** is given a passphrase that SRT does not take`,
    });
    await using early = watchLive({ url, build: debian });
    await early.until(() => early.states.includes('offline refused'));
    expect(early.messages[0]).toContain('nothing answers on that port');
    await early.stop();
    await using _sender = openSender(CLIP, SRT.sends(address), folder.path);
    await using right = watchLive({ url: SRT.url(address), build: debian });
    await right.until(() => right.times.length > 0); // it listens
    await right.stop();
    for (const query of ['?passphrase=wrong-passphrase', '']) {
      const end = watchLive({ url: `${url}${query}`, build: debian, failFast: true }).end;
      await expect(end).rejects.toMatchObject({
        streamCause: 'auth',
        message: `${url}${query === '' ? '' : '?passphrase=***'} refuses the passphrase, or wants one`,
      });
    }
  });

  test('SRT with an ffmpeg that has none', async () => {
    const { end } = watchLive({ url: 'srt://127.0.0.1:9', build: bundled, failFast: true });
    await expect(end).rejects.toMatchObject({ streamCause: 'unsupported' });
  });

  test.each([
    ['that is none', 'hello\n', 'decode'],
    ['whose pieces are gone', '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\ngone.ts\n', 'not-found'],
  ])('a playlist %s', async (_, text, cause) => {
    writeFileSync(join(folder.path, `${cause}.m3u8`), text);
    await using web = await openWebFolder(folder.path);
    await using watch = watchLive({ url: `${web.url}/${cause}.m3u8`, build: debian, stallAfterMs: 10_000 });
    await watch.until(() => watch.states.length > 1);
    expect(watch.states[1]).toBe(`offline ${cause}`);
  });
});

/** The camera's own distances: five of fifteen pictures a second. */
function expectEven(times: readonly number[]): void {
  for (const step of toSteps(times)) expect(Math.abs(step - 200)).toBeLessThanOrEqual(1);
}
