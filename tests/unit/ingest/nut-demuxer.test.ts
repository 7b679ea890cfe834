import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteReader } from '../../../src/ingest/byte-reader.js';
import { readNut } from '../../../src/ingest/nut-demuxer.js';
import { PixelPool } from '../../../src/ingest/pixel-pool.js';

const builds = ['bundled', 'debian', 'current'];
// 2 × 2 pixels at 10 pictures a second, of which numbers 3 to 20 are left out.
const times = [0, 1, 2, 21, 22, 23, 24, 25, 26, 27, 28, 29].map((index) => index * 100_000);

async function* split(data: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < data.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield await Promise.resolve(data.subarray(at, at + size));
    at += size;
  }
}

async function read(
  data: Uint8Array,
  sizes: readonly number[],
  frameBytes = 12,
): Promise<[number, string][]> {
  const pool = new PixelPool(2, frameBytes);
  const { signal } = new AbortController();
  const bytes = new ByteReader();
  bytes.attach(Readable.from(split(data, sizes)));
  const frames: [number, string][] = [];
  for await (const { ptsUs, pixels } of readNut(bytes, () => pool.take(signal))) {
    frames.push([ptsUs, Buffer.from(pixels.bytes).toString('hex')]);
    pixels.release();
  }
  return frames;
}

test.each(builds)('the NUT of %s gives every time exactly, over a hole too', async (build) => {
  const frames = await read(readFileSync(`tests/fixtures/ingest/frames-${build}.nut`), [4096]);
  expect(frames.map(([ptsUs]) => ptsUs)).toEqual(times);
});

test('all builds send the same pixels', async () => {
  const [first, ...others] = await Promise.all(
    builds.map((build) => read(readFileSync(`tests/fixtures/ingest/frames-${build}.nut`), [4096])),
  );
  expect(first?.[0]?.[1]).toHaveLength(24);
  for (const other of others) expect(other).toEqual(first);
});

test('the frames do not depend on how the data are cut into chunks', async () => {
  const data = readFileSync('tests/fixtures/ingest/frames-debian.nut');
  const whole = await read(data, [data.length]);
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(sizes, async (cut) => expect(await read(data, cut)).toEqual(whole)));
});

test('data that end anywhere give whole frames only, and no error', async () => {
  const data = readFileSync('tests/fixtures/ingest/frames-debian.nut');
  const whole = await read(data, [data.length]);
  for (let length = 0; length < data.length; length++) {
    const got = await read(data.subarray(0, length), [64]);
    expect(got).toEqual(whole.slice(0, got.length));
  }
});

test('frames of another size and other containers are refused', async () => {
  const data = readFileSync('tests/fixtures/ingest/frames-debian.nut');
  await expect(read(data, [64], 13)).rejects.toThrow('ffmpeg sent a frame of 12 bytes instead of 13');
  await expect(read(Buffer.alloc(100, 'x'), [64])).rejects.toThrow('ffmpeg sent no NUT stream');
});
