import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findDataFiles } from '../../../src/infer/onnx-signature.js';

/** Tags in the wire format of ONNX: TensorProto.external_data, ModelProto.metadata_props. */
const EXTERNAL_DATA = 0x6a;
const METADATA = 0x72;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-onnx-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A length as protobuf writes it, below 16,384. */
function varint(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, length >> 7];
}

/** An entry of key `location`, as ONNX writes it. */
function entry(tag: number, name: string): Buffer {
  const inside = Buffer.from([
    ...Buffer.from('\n\u0008location\u0012'),
    ...varint(Buffer.byteLength(name)),
    ...Buffer.from(name),
  ]);
  return Buffer.from([tag, ...varint(inside.length), ...inside]);
}

test('only files that tensors keep their weights in come along, whatever else bears the same key', async () => {
  const long = `${'w'.repeat(140)}.bin`;
  for (const name of ['short.bin', long, 'secret.txt']) writeFileSync(join(folder, name), 'x');
  mkdirSync(join(folder, 'folder'));
  const file = join(folder, 'model.onnx');
  const weights = ['short.bin', long, 'short.bin', 'folder', '/dev/zero', 'gone.bin'];
  const entries = weights.map((name) => entry(EXTERNAL_DATA, name));
  writeFileSync(file, Buffer.concat([...entries, entry(METADATA, 'secret.txt')]));
  expect(await findDataFiles(file)).toEqual(['short.bin', long]);
});
