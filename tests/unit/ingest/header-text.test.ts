import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readLogLine } from '../../../src/ingest/ffmpeg-log.js';
import { type HeaderText, readHeaderText } from '../../../src/ingest/header-text.js';

function read(name: string): HeaderText | null {
  const text = readFileSync(`tests/fixtures/ingest/header-${name}.txt`, 'utf8');
  return readHeaderText(text.split(/\r?\n|\r/).map(readLogLine));
}

const builds = ['bundled', 'debian', 'current'];

test.each(builds)('a phone clip has rotation and capture time in the words of %s', (build) => {
  expect(read(`phone-${build}`)).toEqual({
    format: 'mov,mp4,m4a,3gp,3g2,mj2',
    durationMs: 2000,
    startMs: 0,
    createdAt: new Date('2024-05-06T07:08:09Z'),
    video: {
      codec: 'h264',
      width: 64,
      height: 48,
      fps: 25,
      rotation: 90,
      pixelFormat: 'yuv420p',
      isHdr: false,
    },
  });
});

test.each(builds)('Matroska states its end, so a late start is taken off, in the words of %s', (build) => {
  expect(read(`hdr-${build}`)).toMatchObject({
    format: 'matroska,webm',
    durationMs: 2000,
    startMs: 3000,
    createdAt: null,
    video: { codec: 'hevc', pixelFormat: 'yuv420p10le', isHdr: true, width: 64, height: 48 },
  });
});

test.each(builds)('a transport stream with a late start keeps its duration, in the words of %s', (build) => {
  const header = read(`cam-${build}`);
  expect([header?.durationMs, header?.startMs, header?.video?.codec]).toEqual([2020, 8677, 'h264']);
});

test.each(builds)('a cover picture is no video track, in the words of %s', (build) => {
  expect(read(`cov-${build}`)).toMatchObject({ video: null, durationMs: 2000 });
});

test('what is no header reads as none', () => {
  expect(readHeaderText([readLogLine('[error] rnd.mp4: Invalid data found')])).toBeNull();
});

function describe(track: string, duration = '00:01:02.50, start: 0.000000'): HeaderText | null {
  const lines = [
    `Input #0, avi, from 'x':`,
    `  Duration: ${duration}, bitrate: 1 kb/s`,
    `  Stream #0:0: Video: ${track}`,
  ];
  return readHeaderText(lines.map((line) => readLogLine(`[info] ${line}`)));
}

test('a rate in thousands, an unknown rate and an unknown duration are read as such', () => {
  expect(describe('rawvideo, bgr24, 8x8, 1k fps, 1k tbr')?.video?.fps).toBe(1000);
  expect(describe('h264 (High), none, 90k tbn')?.video).toMatchObject({ fps: null, width: 0 });
  expect(describe('h264, yuv420p, 8x8', 'N/A')?.durationMs).toBeNull();
  expect(describe('h264, yuv420p, 8x8')?.durationMs).toBe(62_500);
});

test('the capture time of a clock that was never set is none', () => {
  const lines = [`Input #0, mov, from 'x':`, '    creation_time   : 1970-01-01T00:00:00.000000Z'];
  expect(readHeaderText(lines.map((line) => readLogLine(`[info] ${line}`)))?.createdAt).toBeNull();
});
