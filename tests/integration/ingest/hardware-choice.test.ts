import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import { chooseHardware, toSoftwareNote } from '../../../src/ingest/hardware-choice.js';
import type { HardwareName } from '../../../src/ingest/hardware.js';
import { openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { type Fault, pretendHardware } from './pretend-hardware.js';

const folder = await openFolder();
afterAll(() => folder.close());
/** Stands for the render node of a device; one that this machine may have is left alone. */
const node = join(folder.path, 'renderD128');
await writeFile(node, '');
const choose = async (fault: Fault, decoding: Parameters<typeof chooseHardware>[0], deadlineMs?: number) =>
  chooseHardware(decoding, await pretendHardware(folder.path, fault), deadlineMs);

test('off asks nothing', async () => {
  expect(await choose('no-device', { hardware: 'off' })).toEqual({ hardware: null, refused: [] });
});

test.each<[HardwareName, number | string, string]>([
  ['cuda', 1, '1'],
  ['vaapi', node, node],
  ['qsv', node, node],
])('%s is taken when its pictures and times are right', async (hardware, device, told) => {
  expect(await choose('none', { hardware, device })).toEqual({
    hardware: { name: hardware, device: told },
    refused: [],
  });
});

test('auto takes the first that works, and says why not the ones before', async () => {
  expect(await choose('none', { hardware: 'auto' })).toEqual({
    hardware: { name: 'cuda', device: null },
    refused: [],
  });
  const { hardware, refused } = await choose('none', { hardware: 'auto', device: node });
  expect(hardware).toEqual({ name: 'vaapi', device: node });
  expect(refused.map(({ name, what }) => `${name}: ${what}`)).toEqual([
    `cuda: decoding.device is ${node}, and cuda takes the number of a GPU`,
  ]);
});

test.each<[Fault, string]>([
  ['no-device', 'there is no NVIDIA driver (libcuda.so.1)'],
  ['wrong-colours', 'it gives wrong pictures'],
  ['wrong-times', 'this ffmpeg gives its pictures other times'],
])('with the fault %s cuda is refused in words', async (fault, what) => {
  await expect(choose(fault, { hardware: 'cuda' })).rejects.toMatchObject({
    name: 'ConfigError',
    message: `cuda cannot decode here: ${what}`,
    remedy: expect.stringContaining('--hwaccel auto'),
  });
});

test('a device that hangs is given up, and its ffmpeg ended', async () => {
  await expect(choose('hung', { hardware: 'cuda' }, 2000)).rejects.toMatchObject({
    message: 'cuda cannot decode here: it gave nothing for 2 s',
  });
});

test('where there is no device, auto says so of each kind', async () => {
  const { debian } = await findTestBuilds();
  const choice = await chooseHardware({ hardware: 'auto', device: '/dev/dri/none' }, debian);
  expect(choice.hardware).toBeNull();
  expect(toSoftwareNote(choice)).toBe(
    'videos are decoded in software, since no hardware can be used here: ' +
      'cuda: decoding.device is /dev/dri/none, and cuda takes the number of a GPU; ' +
      'vaapi: there is no /dev/dri/none; qsv: there is no /dev/dri/none',
  );
});

test.each(['cuda', 'qsv'] as const)('the bundled ffmpeg of 2018 has no %s', async (hardware) => {
  const { bundled } = await findTestBuilds();
  await expect(chooseHardware({ hardware }, { ...bundled, origin: 'bundled' })).rejects.toMatchObject({
    message: `${hardware} cannot decode here: the bundled ffmpeg of 2018 has no ${hardware}`,
    remedy: expect.stringContaining('apt-get install ffmpeg'),
  });
});
