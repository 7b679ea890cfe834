import { expect, test } from '@jest/globals';
import { PixelPool } from '../../../src/ingest/pixel-pool.js';

const { signal } = new AbortController();

test('no more slots are out than there are, and a released one is used again', async () => {
  const pool = new PixelPool(2, 3);
  const first = await pool.take(signal);
  await pool.take(signal);
  let isThere = false;
  const third = pool.take(signal).then((pixels) => {
    isThere = true;
    return pixels;
  });
  await Promise.resolve();
  expect(isThere).toBe(false);
  first?.release();
  expect((await third)?.bytes).toBe(first?.bytes);
});

test('releasing twice gives back one slot', async () => {
  const pool = new PixelPool(1, 3);
  const first = await pool.take(signal);
  first?.release();
  first?.release();
  const second = await pool.take(signal);
  const abort = new AbortController();
  const third = pool.take(abort.signal);
  abort.abort();
  expect(second).not.toBeNull();
  expect(await third).toBeNull();
});

test('the hash is the CRC-32 of the bytes where they are few', async () => {
  const pixels = await new PixelPool(1, 9).take(signal);
  pixels?.bytes.set(Buffer.from('123456789'));
  expect(pixels?.hash()).toBe(0xcbf43926);
});

test('the hash of a picture tells where a change of a twentieth of it lies', async () => {
  const bytes = 416 * 416 * 3;
  const pixels = await new PixelPool(1, bytes).take(signal);
  const hashes = Array.from({ length: 20 }, (_, part) => {
    pixels?.bytes.fill(114).fill(115, (part * bytes) / 20, ((part + 1) * bytes) / 20);
    return pixels?.hash();
  });
  expect(new Set(hashes).size).toBe(20);
});
