import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ByteReader } from '../../../src/ingest/byte-reader.js';

function open(): { source: PassThrough; reader: ByteReader } {
  const source = new PassThrough();
  const reader = new ByteReader();
  reader.attach(source);
  return { source, reader };
}

test('blocks and bytes come in the order they were sent, whatever was asked for first', async () => {
  const { source, reader } = open();
  const block = new Uint8Array(3);
  const filled = reader.fill(block);
  source.write(Buffer.from([1, 2]));
  await turn();
  source.write(Buffer.from([3, 4, 5]));
  expect(await filled).toBe(true);
  expect([...block, await reader.byte(), await reader.byte()]).toEqual([1, 2, 3, 4, 5]);
});

test('what nobody reads holds the source back, and reading lets it go on', async () => {
  const { source, reader } = open();
  for (let n = 0; n < 4; n++) {
    source.write(Buffer.alloc(64 << 10, n));
    await turn();
  }
  expect(source.isPaused()).toBe(true);
  const read = new Uint8Array(256 << 10);
  expect(await reader.fill(read)).toBe(true);
  expect([0, 1, 2, 3].map((n) => read[n * (64 << 10)])).toEqual([0, 1, 2, 3]);
  expect(source.isPaused()).toBe(false);
});

test('the end comes after what came before it, and leaves nobody waiting', async () => {
  const { source, reader } = open();
  source.end(Buffer.from([1, 2]));
  await turn();
  expect(await reader.byte()).toBe(1);
  expect(await reader.fill(new Uint8Array(2))).toBe(false);
  expect(await reader.byte()).toBe(-1);
});

test('a reader that was ended lets the source run dry', async () => {
  const { source, reader } = open();
  for (let n = 0; n < 8; n++) source.write(Buffer.alloc(64 << 10));
  await turn();
  reader.end();
  source.end();
  await new Promise((resolve) => source.once('close', resolve));
  expect(source.readableLength).toBe(0);
});
