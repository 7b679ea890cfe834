import { expect, test } from '@jest/globals';
import { toWords } from '../../../src/ingest/ffmpeg-abilities.js';
import { readLogLine } from '../../../src/ingest/ffmpeg-log.js';
import { toFilterGraph } from '../../../src/ingest/filter-graph.js';
import { type HardwareName, toHardwareOptions } from '../../../src/ingest/hardware.js';
import { toHardwareProblem } from '../../../src/ingest/hardware-problem.js';
import type { ModelInput } from '../../../src/types.js';

const INPUT: ModelInput = {
  width: 416,
  height: 320,
  resize: 'letterbox',
  align: 'center',
  pad: 114,
  interpolation: 'bilinear',
  matrix: 'auto',
  range: 'full',
};

test.each<[HardwareName, string | null, string]>([
  ['cuda', null, '-hwaccel cuda -hwaccel_output_format cuda -extra_hw_frames 8'],
  ['cuda', '1', '-hwaccel_device 1 -hwaccel cuda -hwaccel_output_format cuda -extra_hw_frames 8'],
  [
    'vaapi',
    '/dev/dri/renderD129',
    '-hwaccel_device /dev/dri/renderD129 -hwaccel vaapi -hwaccel_output_format vaapi -extra_hw_frames 8',
  ],
  ['qsv', null, '-hwaccel qsv -hwaccel_output_format qsv -extra_hw_frames 8'],
  [
    'qsv',
    '/dev/dri/renderD129',
    '-init_hw_device qsv=qsv0:hw_any,child_device=/dev/dri/renderD129 -hwaccel_device qsv0 ' +
      '-hwaccel qsv -hwaccel_output_format qsv -extra_hw_frames 8',
  ],
])('options for %s on %s', (name, device, options) => {
  expect(toHardwareOptions({ name, device }).join(' ')).toBe(options);
});

const FIT = "'max(1,min(416,round(320*dar)))':'max(1,min(320,round(416/dar)))'";
const CELL = 'isnan(prev_selected_t)+gt(abs(floor(t*5)-floor(prev_selected_t*5)),0)';
const COLOUR = 'in_color_matrix=auto:flags=bilinear+accurate_rnd+full_chroma_int,format=rgb24';

test.each(['cuda', 'vaapi', 'qsv'] as const)(
  'a letterbox on %s: chosen, scaled there, then fitted',
  (name) => {
    const hardware = { name, device: null };
    expect(toFilterGraph(INPUT, { fps: 5, hardware }, false)).toBe(
      `select='${CELL}',showinfo=checksum=0,` +
        `scale_${name}=w='2*max(1,min(416,round(320*dar)))':h='2*max(1,min(320,round(416/dar)))':format=nv12,` +
        `hwdownload,format=nv12,setsar=1,scale=${FIT}:${COLOUR},pad=416:320:(ow-iw)/2:(oh-ih)/2:color=0x727272`,
    );
  },
);

test('squashed key frames', () => {
  const choice = { fps: 5, keyframesOnly: true, hardware: { name: 'cuda', device: null } } as const;
  expect(toFilterGraph({ ...INPUT, resize: 'squash' }, choice, false)).toBe(
    `select='eq(key,1)*(${CELL})',showinfo=checksum=0,scale_cuda=w=832:h=640:format=nv12,` +
      `hwdownload,format=nv12,setsar=1,scale=416:320:${COLOUR}`,
  );
});

test('software has no filter of a device', () => {
  expect(toFilterGraph(INPUT, { fps: 5 }, false)).toBe(
    `select='${CELL}',showinfo=checksum=0,scale=${FIT}:${COLOUR},pad=416:320:(ow-iw)/2:(oh-ih)/2:color=0x727272`,
  );
});

test.each<[HardwareName, string, string]>([
  ['cuda', '[AVHWDeviceContext @ 0x1] [error] Cannot load libcuda.so.1', 'no NVIDIA driver (libcuda.so.1)'],
  ['cuda', '[h264 @ 0x1] [error] Cannot load libnvcuvid.so.1', 'libnvcuvid.so.1'],
  [
    'cuda',
    '[AVHWDeviceContext @ 0x1] [error] cu->cuInit(0) failed -> CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
    'no NVIDIA GPU',
  ],
  [
    'cuda',
    '[x @ 0x1] [error] cuDeviceGet failed -> CUDA_ERROR_INVALID_DEVICE: invalid device ordinal',
    'that number',
  ],
  [
    'cuda',
    '[x @ 0x1] [error] cuvidCreateDecoder failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    'memory is full',
  ],
  [
    'cuda',
    '[x @ 0x1] [error] cuModuleLoadData failed -> CUDA_ERROR_UNSUPPORTED_PTX_VERSION',
    'does not fit to this ffmpeg',
  ],
  ['cuda', '[error] Device creation failed: -1.', 'no device of that kind'],
  [
    'vaapi',
    '[AVHWDeviceContext @ 0x1] [error] Failed to initialise VAAPI connection: -1 (unknown libva error).',
    'VA-API driver',
  ],
  ['vaapi', '[error] Device creation failed: -542398533.', 'VA-API driver'],
  ['vaapi', '[h264 @ 0x1] [error] No support for codec h264 profile 110.', 'its codec, profile or size'],
  [
    'vaapi',
    "[Parsed_x @ 0x1] [error] Impossible to convert between the formats supported by the filter 'a'",
    'its codec',
  ],
  ['qsv', '[AVHWDeviceContext @ 0x1] [error] Error creating a MFX session: -9.', 'no Quick Sync runtime'],
  ['qsv', '[error] Device creation failed: -542398533.', 'no Quick Sync runtime'],
  ['qsv', '[error] something new at rtsp://me:secret@cam/x', 'ffmpeg said: something new at rtsp://'],
  ['qsv', '[info] something new', 'it gave no picture'],
])('%s: %s', (name, line, words) => {
  const { what, remedy } = toHardwareProblem(name, [readLogLine(line)]);
  expect(what).toContain(words);
  expect(what).not.toContain('secret');
  expect(remedy).not.toBe('');
});

test('the list of accelerators', () => {
  const list = 'Hardware acceleration methods:\nvdpau\ncuda\nvaapi\n\n';
  expect([...toWords(list)]).toEqual(['vdpau', 'cuda', 'vaapi']);
});
