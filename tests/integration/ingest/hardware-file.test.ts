import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import type { Hardware } from '../../../src/ingest/hardware.js';
import type { ModelInput } from '../../../src/types.js';
import { makeClip, openFolder, smallInput, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { type Fault, pretendHardware } from './pretend-hardware.js';

const { debian } = await findTestBuilds();
const folder = await openFolder();
const clip = (name: string): string => join(folder.path, name);
const CUDA: Hardware = { name: 'cuda', device: null };
const LETTERBOX: ModelInput = { ...smallInput, width: 208, height: 208 };

beforeAll(async () => {
  const make = (options: string): Promise<void> => makeClip(folder.path, options);
  const x264 = '-c:v libx264 -preset ultrafast -bf 3 -g 25 -pix_fmt yuv420p';
  await make(`-f lavfi -i mandelbrot=s=640x360:r=25 -t 4 ${x264} -qp 10 wide.mp4`);
  const source = (size: string): string => `-i wide.mp4 -vf scale=${size.replace('x', ':')},setsar=1`;
  await make(`${source('360x640')} ${x264} tall.mkv`);
  await make(`-i wide.mp4 -vf scale=720:576,setsar=64/45 ${x264} anamorphic.ts`);
  await make(`${source('160x120')} ${x264} small.mp4`);
  await make(`${source('641x359')} -c:v ffv1 -pix_fmt yuv420p odd.mkv`);
  await make(`-i wide.mp4 -vf scale=out_range=pc -color_range pc ${x264} full-range.mp4`);
  const uneven = "select='not(between(mod(n,40),7,19))'";
  await make(`-i wide.mp4 -vf ${uneven} -vsync vfr ${x264} uneven.mkv`);
  await make(`-i wide.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4`);
  await make(`-i wide.mp4 -c copy -bsf:v noise=amount='if(between(pts*tb,2,3),1,0)' damaged.mp4`);
  await make(`-f lavfi -i testsrc2=s=96x64:r=25:d=3 -f lavfi -i sine=d=9 ${x264} -c:a aac long-sound.mp4`);
});
afterAll(() => folder.close());

interface Seen {
  readonly times: readonly number[];
  readonly damaged: readonly number[];
  readonly pictures: readonly Uint8Array[];
  /** What decoded it, with what was said. */
  readonly told: readonly string[];
  readonly end: unknown;
}

async function see(
  name: string,
  build: FfmpegBuild,
  settings: {
    readonly hardware?: Hardware;
    readonly input?: ModelInput;
    readonly keyframesOnly?: boolean;
  } = {},
): Promise<Seen> {
  const pictures: Uint8Array[] = [];
  const told: string[] = [];
  const { times, damaged, end } = await takeAll(clip(name), build, {
    input: LETTERBOX,
    ...settings,
    onPixels: (bytes) => void pictures.push(bytes.slice()),
    onDecoder: (decoder, note) => void told.push(note === null ? decoder : `${decoder}: ${note}`),
  });
  return { times, damaged, pictures, told, end };
}

function toDifference(some: readonly Uint8Array[], others: readonly Uint8Array[]): number {
  const one = Buffer.concat(some);
  const other = Buffer.concat(others);
  expect(one.length).toBe(other.length);
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length;
}

describe.each(['cuda', 'vaapi', 'qsv'] as const)('by the chain of %s', (name) => {
  test.each([
    'wide.mp4',
    'tall.mkv',
    'anamorphic.ts',
    'small.mp4',
    'odd.mkv',
    'full-range.mp4',
    'uneven.mkv',
  ])('%s gives the frames of software', async (file) => {
    const build = await pretendHardware(folder.path);
    const hardware = { name, device: null };
    const given = await see(file, build, { hardware });
    const wanted = await see(file, debian);
    expect(given.times.length).toBeGreaterThan(12);
    expect(given.times).toEqual(wanted.times);
    expect(given.end).toEqual(wanted.end);
    expect(given.damaged).toEqual([]);
    expect(given.told).toEqual([name]);
    expect(toDifference(given.pictures, wanted.pictures)).toBeLessThanOrEqual(3);
  });
});

test.each([
  ['squashed', { input: { ...LETTERBOX, resize: 'squash', width: 224, height: 160 } as const }],
  ['of an odd size', { input: { ...LETTERBOX, resize: 'squash', width: 113, height: 97 } as const }],
  ['of key frames alone', { keyframesOnly: true }],
])('pictures %s are those of software', async (_, settings) => {
  const given = await see('wide.mp4', await pretendHardware(folder.path), { ...settings, hardware: CUDA });
  const wanted = await see('wide.mp4', debian, settings);
  expect(given.times).toEqual(wanted.times);
  expect(given.told).toEqual(['cuda']);
  expect(toDifference(given.pictures, wanted.pictures)).toBeLessThanOrEqual(3);
});

test('sound that outlasts the pictures takes no device for lost', async () => {
  const given = await see('long-sound.mp4', await pretendHardware(folder.path), { hardware: CUDA });
  const { times, end } = await see('long-sound.mp4', debian);
  expect(given).toMatchObject({ times, end, told: ['cuda'] });
});

test.each<[Fault, string, string]>([
  ['lost', 'wide.mp4', 'cuda: it failed while it decoded'],
  ['lost-silently', 'wide.mp4', 'cuda: it gave no picture'],
  ['foreign-codec', 'wide.mp4', 'cuda: its codec, profile or size is not for this device'],
  ['no-device', 'uneven.mkv', 'cuda: there is no NVIDIA driver (libcuda.so.1)'],
  ['none', 'damaged.mp4', 'cuda: it reported an error before'],
])('%s in %s: software goes on, and no frame is lost or comes twice', async (fault, file, words) => {
  const given = await see(file, await pretendHardware(folder.path, fault), { hardware: CUDA });
  const wanted = await see(file, debian);
  expect(given.times).toEqual(wanted.times);
  expect(given.damaged).toEqual(wanted.damaged);
  expect(given.end).toEqual(wanted.end);
  expect(given.told).toEqual(['cuda', expect.stringContaining(words)]);
  expect(given.told[1]).toContain(`software: ${clip(file)} is decoded in software`);
  expect(toDifference(given.pictures, wanted.pictures)).toBeLessThanOrEqual(3);
});

test('what is to be turned is decoded in software from the beginning', async () => {
  const given = await see('turned.mp4', await pretendHardware(folder.path), { hardware: CUDA });
  const wanted = await see('turned.mp4', debian);
  expect(given.told).toEqual([expect.stringMatching(/^software: .*\(it is turned by \d+°\)$/)]);
  expect(given.pictures).toEqual(wanted.pictures);
});

test('a file is gone on with on the device, from the frame after the last one', async () => {
  const build = await pretendHardware(folder.path);
  const whole = await takeAll(clip('wide.mp4'), build, { hardware: CUDA });
  const resume = { lastMs: whole.times[14]!, frameHash: whole.hashes[14]! };
  const rest = await takeAll(clip('wide.mp4'), build, { hardware: CUDA, resume });
  expect(rest.times).toEqual(whole.times.slice(15));
  expect(rest.hashes).toEqual(whole.hashes.slice(15));
});

test('what software began a device goes on with, and the other way round', async () => {
  const build = await pretendHardware(folder.path);
  const soft = await takeAll(clip('wide.mp4'), debian);
  const hard = await takeAll(clip('wide.mp4'), build, { hardware: CUDA });
  const toPoint = ({ times, hashes }: typeof soft) => ({ lastMs: times[14]!, frameHash: hashes[14]! });
  expect(soft.hashes[14]).not.toBe(hard.hashes[14]);
  const onDevice = await takeAll(clip('wide.mp4'), build, { hardware: CUDA, resume: toPoint(soft) });
  expect(onDevice.times).toEqual(soft.times.slice(15));
  const inSoftware = await takeAll(clip('wide.mp4'), debian, { resume: toPoint(hard) });
  expect(inSoftware.times).toEqual(soft.times.slice(15));
});
