import zlib from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type KafkaCodec, lz4, zstd } from '../../src/kafka-codecs.js';

const TEXT = Buffer.from('{"label":"dog"}'.repeat(1000));

async function there(codec: KafkaCodec): Promise<{ readonly bytes: Buffer; readonly back: Buffer }> {
  const bytes = await codec.compress({ buffer: TEXT });
  return { bytes, back: await codec.decompress(bytes) };
}

test('LZ4 is in frames of blocks that need no other, which is what Kafka takes', async () => {
  const { bytes, back } = await there(lz4);
  expect(back.equals(TEXT)).toBe(true);
  expect(bytes.length).toBeLessThan(TEXT.length / 10);
  expect(bytes.readUInt32LE(0)).toBe(0x184d2204);
  const flags = bytes[4]!;
  expect([flags >> 6, (flags >> 5) & 1]).toEqual([1, 1]);
});

test('zstd is there where Node.js has it', async () => {
  expect(zstd !== null).toBe('zstdDecompress' in zlib);
  if (zstd === null) return;
  const { bytes, back } = await there(zstd);
  expect(back.equals(TEXT)).toBe(true);
  expect(bytes.readUInt32LE(0)).toBe(0xfd2fb528);
});
