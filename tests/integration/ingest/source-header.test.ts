import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readHeader, type SourceHeader } from '../../../src/ingest/source-header.js';
import { makeClip, openFolder, smallInput, takeAll, toSource } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const clip = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  const make = (options: string): Promise<void> => makeClip(folder.path, options);
  const x264 = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p';
  await make(
    `-f lavfi -i testsrc=s=96x64:r=25:d=2 ${x264} -metadata creation_time=2024-05-06T07:08:09Z plain.mp4`,
  );
  await make('-i plain.mp4 -c copy -metadata:s:v rotate=90 turned.mp4');
  await make('-f lavfi -i sine=d=2 -c:a aac sound.m4a');
  await make('-f lavfi -i testsrc=s=96x64 -frames:v 1 cover.png');
  await make(
    '-i sound.m4a -i cover.png -map 0 -map 1 -c:a copy -c:v mjpeg -disposition:v attached_pic cover.m4a',
  );
  await make(
    `-f lavfi -i testsrc2=s=1280x720:r=25:d=12 ${x264} -g 250 -slices 4 -color_trc smpte2084 gop.ts`,
  );
  await writeFile(clip('mid-gop.ts'), (await readFile(clip('gop.ts'))).subarray(188 * 400));
  await writeFile(clip('no-index.mp4'), await readFile(clip('plain.mp4')));
  await truncate(clip('no-index.mp4'), Math.floor((await readFile(clip('plain.mp4'))).length / 2));
  await writeFile(clip('text.mp4'), 'these are words, and no pictures\n'.repeat(50));
  await writeFile(
    clip('list.m3u8'),
    '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:1/a.ts\n#EXT-X-ENDLIST\n',
  );
  // Red above, green below, as BT.709 and as what states nothing.
  const halves = '-f lavfi -i color=red:s=64x32:r=5:d=1 -f lavfi -i color=lime:s=64x32:r=5:d=1';
  const stack = (matrix: string): string => `[0][1]vstack,scale=out_color_matrix=${matrix},format=yuv444p`;
  await make(`${halves} -filter_complex ${stack('bt709')} -colorspace bt709 -c:v libx264 -qp 0 hd.mp4`);
  await make(`${halves} -filter_complex ${stack('bt601')} -c:v libx264 -qp 0 sd.mp4`);
  await make(`-f lavfi -i color=white:s=64x32:r=5:d=1 -vf setsar=1/2 -c:v ffv1 -pix_fmt bgr0 tall.mkv`);
  await make(`-f lavfi -i color=white:s=33x17:r=5:d=1 -c:v ffv1 -pix_fmt yuv420p wide.mkv`);
});
afterAll(() => folder.close());

const signal = new AbortController().signal;

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test('a recording that starts between two key frames is read, however much is said before its header', async () => {
    const header = await readHeader(await toSource(clip('mid-gop.ts')), build, new AbortController().signal);
    expect(header.video).toMatchObject({ width: 1280, height: 720, pixelFormat: 'yuv420p', isHdr: true });
  });

  const header = async (name: string): Promise<SourceHeader> =>
    readHeader(await toSource(clip(name)), build, signal);

  test('a header tells duration, start, track and capture time', async () => {
    expect(await header('plain.mp4')).toEqual({
      format: 'mov,mp4,m4a,3gp,3g2,mj2',
      durationMs: 2000,
      startMs: 0,
      createdAt: new Date('2024-05-06T07:08:09Z'),
      video: {
        codec: 'h264',
        width: 96,
        height: 64,
        fps: 25,
        rotation: 0,
        pixelFormat: 'yuv420p',
        isHdr: false,
      },
      warning: null,
    });
  });

  test.each([
    ['sound.m4a', 'unsupported', /has no video track/],
    ['cover.m4a', 'unsupported', /has no video track/],
    ['no-index.mp4', 'corrupt', /has no index/],
    ['text.mp4', 'corrupt', /it is no video/],
  ])('%s is refused as %s', async (name, streamCause, message) => {
    await expect(header(name)).rejects.toMatchObject({
      name: 'IngestError',
      streamCause,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\.$/),
    });
  });

  test('a playlist on disk cannot make it open the network', async () => {
    await expect(header('list.m3u8')).rejects.toMatchObject({ name: 'IngestError' });
  });

  test.each(['hd.mp4', 'sd.mp4'])('the colours of %s come out true', async (name) => {
    const { rows } = await firstPicture(name, { resize: 'squash' });
    expectNear(rows[4]!, [255, 0, 0]);
    expectNear(rows[28]!, [0, 255, 0]);
  });

  test('a letterboxed picture keeps its displayed shape, and the rest is exactly the padding', async () => {
    // Stored 64 × 32 with pixels half as wide as high: shown 1:1.
    expect((await firstPicture('tall.mkv', {})).isWhite.map((row) => row.filter(Boolean).length)).toEqual(
      Array.from({ length: 32 }, () => 32),
    );
    const { isWhite, isPad } = await firstPicture('wide.mkv', { align: 'top-left' });
    const whiteRows = isWhite.filter((row) => row.every(Boolean)).length;
    expect([16, 17]).toContain(whiteRows);
    expect(isWhite.slice(0, whiteRows).flat().every(Boolean)).toBe(true);
    expect(isPad.slice(whiteRows).flat().every(Boolean)).toBe(true);
  });

  test('a turned picture is shown as a player shows it', async () => {
    const { video } = await header('turned.mp4');
    expect([90, 270]).toContain(video.rotation);
    const { isPad } = await firstPicture('turned.mp4', {});
    expect(isPad[0]?.slice(0, 4)).toEqual([true, true, true, true]);
    expect(isPad[0]?.[16]).toBe(false);
  });

  async function firstPicture(name: string, change: Partial<typeof smallInput>): Promise<Picture> {
    let picture: Picture | null = null;
    await takeAll(clip(name), build, {
      input: { ...smallInput, ...change },
      onPixels: (bytes) => {
        picture ??= toPicture(bytes);
      },
    });
    return picture!;
  }
});

interface Picture {
  /** RGB of the middle of each row. */
  readonly rows: number[][];
  readonly isWhite: boolean[][];
  readonly isPad: boolean[][];
}

function toPicture(bytes: Uint8Array): Picture {
  const { width, height } = smallInput;
  const pixel = (x: number, y: number): number[] =>
    Array.from(bytes.slice((y * width + x) * 3, (y * width + x) * 3 + 3));
  const map = (is: (rgb: number[]) => boolean): boolean[][] =>
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (__, x) => is(pixel(x, y))));
  return {
    rows: Array.from({ length: height }, (_, y) => pixel(width / 2, y)),
    isWhite: map((rgb) => rgb.every((value) => value > 250)),
    isPad: map((rgb) => rgb.every((value) => value === smallInput.pad)),
  };
}

function expectNear(rgb: number[], expected: number[]): void {
  const far = rgb.filter((value, channel) => Math.abs(value - expected[channel]!) > 3);
  expect({ rgb, far }).toEqual({ rgb, far: [] });
}

test('an aborted look at a header rejects with the reason', async () => {
  const source = await toSource(clip('plain.mp4'));
  await expect(readHeader(source, builds.debian, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );
});
