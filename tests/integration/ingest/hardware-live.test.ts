import '../publish/disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Hardware } from '../../../src/ingest/hardware.js';
import { probeFile, probeLive } from '../../../src/ingest/probe.js';
import { readLiveUrl } from '../../../src/ingest/live-location.js';
import type { Decoder } from '../../../src/types.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../../services/rtsp.js';
import { openFolder, toSource } from './clips.js';
import { ffmpegChildren, toSteps, watchLive, watchUndisturbed } from './live-watch.js';
import { type Fault, pretendHardware } from './pretend-hardware.js';

const folder = await openFolder();
const hardware: Hardware = { name: 'cuda', device: null };
const never = new AbortController().signal;
let clip: string;
let server: RtspServer;

beforeAll(async () => {
  clip = await makeCameraClip();
  server = await openRtspServer({ mounts: { '/cam': clip } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.close();
});

test('a camera is decoded on a device, at the wanted rate', async () => {
  const build = await pretendHardware(folder.path);
  const watch = await watchUndisturbed(async () => {
    await using watch = watchLive({ url: server.url('/cam'), build, hardware });
    await watch.until(() => watch.times.length > 8);
    return watch;
  });
  expect(toSteps(watch.times).slice(1, 7)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(watch.decoders).toEqual(['cuda']);
  expect(watch.states).toEqual(['connecting', 'online']);
  expect(ffmpegChildren()).toEqual([]);
});

test.each<[Fault, string]>([
  ['foreign-codec', 'its codec, profile or size is not for this device'],
  ['no-device', 'there is no NVIDIA driver (libcuda.so.1)'],
])('a device that gives no picture (%s): software does, which is said once', async (fault, what) => {
  const build = await pretendHardware(folder.path, fault);
  await using watch = watchLive({ url: server.url('/cam'), build, hardware });
  await watch.until(() => watch.times.length > 3);
  expect(watch.states).toEqual(['connecting', 'online']);
  expect(watch.decoders).toEqual([`software: ${server.url('/cam')} is decoded in software (cuda: ${what})`]);
});

test('a device that hangs: software does for this connection, and the device is tried again with the next', async () => {
  const build = await pretendHardware(folder.path, 'stuck');
  await using watch = watchLive({ url: server.url('/cam'), build, hardware, stallAfterMs: 15_000 });
  await watch.until(() => watch.times.length > 3);
  expect(watch.states).toEqual(['connecting', 'online']);
  expect(watch.decoders).toEqual([
    expect.stringMatching(/ is decoded in software \(cuda: .*, until it is connected anew\)$/),
  ]);
});

test('a device that vanishes costs one connection; software goes on', async () => {
  const build = await pretendHardware(folder.path, 'vanished');
  await using watch = watchLive({ url: server.url('/cam'), build, hardware });
  await watch.until(() => watch.times.length > 10);
  expect(watch.states.map((state) => state.split(' ')[0])).toEqual([
    'connecting',
    'online',
    'offline',
    'connecting',
    'online',
  ]);
  expect(watch.decoders).toEqual([
    'cuda',
    `software: ${server.url('/cam')} is decoded in software (cuda: there is no NVIDIA driver (libcuda.so.1))`,
  ]);
  expect(Math.min(...toSteps(watch.times))).toBeGreaterThan(0);
});

test('a camera that is not there is not the fault of the device', async () => {
  const build = await pretendHardware(folder.path, 'foreign-codec');
  await using watch = watchLive({ url: server.url('/none'), build, hardware });
  await watch.until(() => watch.states.length > 3);
  expect(watch.states.slice(0, 4)).toEqual([
    'connecting',
    'offline not-found',
    'connecting',
    'offline not-found',
  ]);
  expect(watch.decoders).toEqual([]);
});

test.each<[Fault, Decoder, string | null]>([
  ['none', 'cuda', null],
  ['foreign-codec', 'software', 'cuda: its codec'],
])('probe says what decodes (fault: %s)', async (fault, decoder, why) => {
  const means = { build: await pretendHardware(folder.path, fault), hardware };
  const note = why === null ? null : (expect.stringContaining(why) as unknown);
  const wanted = { decoder, decoderNote: note };
  expect(await probeFile(await toSource(clip), means, never)).toMatchObject(wanted);
  const live = readLiveUrl(server.url('/cam'));
  expect(await probeLive(live, { ...means, timeoutMs: 60_000 }, never)).toMatchObject(wanted);
});
