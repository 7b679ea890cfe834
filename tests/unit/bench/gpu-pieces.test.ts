import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packPieces, type Piece } from '../../../bench/gpu/pieces.js';

const PIECE_BYTES = 10_000;
const scratch = mkdtempSync(join(tmpdir(), 'labelcast-pieces-'));
const source = join(scratch, 'kit');
const packed = join(scratch, 'kit.pieces');
const noise = randomBytes(35_000);
let pieces: Piece[];

beforeAll(async () => {
  mkdirSync(join(source, 'bin'), { recursive: true });
  writeFileSync(join(source, 'noise'), noise);
  writeFileSync(join(source, 'bin/program'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('../noise', join(source, 'bin/link'));
  pieces = await packPieces(source, packed, PIECE_BYTES);
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs join.sh from elsewhere, as it is run where pieces were carried to. */
function unpack(target: string) {
  return spawnSync('sh', [join(packed, 'join.sh'), target], { cwd: scratch, encoding: 'utf8' });
}

test('pieces are as large as asked for, but for the last, and lie beside what unpacks them', () => {
  const full = pieces.slice(0, -1);
  expect(full.length).toBeGreaterThanOrEqual(3);
  expect(full.map(({ bytes }) => bytes)).toEqual(full.map(() => PIECE_BYTES));
  expect(pieces.map(({ name }) => statSync(join(packed, name)).size)).toEqual(
    pieces.map(({ bytes }) => bytes),
  );
  expect(readdirSync(packed).sort()).toEqual(['join.sh', ...pieces.map(({ name }) => name), 'pieces.sha256']);
});

test('join.sh makes the same folder of them', () => {
  expect(unpack('joined')).toMatchObject({ status: 0, stderr: '' });
  const kit = join(scratch, 'joined/kit');
  expect(readFileSync(join(kit, 'noise')).equals(noise)).toBe(true);
  expect(readFileSync(join(kit, 'bin/link')).equals(noise)).toBe(true);
  expect(statSync(join(kit, 'bin/program')).mode & 0o777).toBe(0o755);
});

test('a damaged and a missing piece are named, and nothing is unpacked', () => {
  const [first, second] = [join(packed, pieces[0]!.name), join(packed, pieces[1]!.name)];
  const whole = readFileSync(first);
  writeFileSync(first, Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)]));
  expect(unpack('damaged')).toMatchObject({
    status: 1,
    stderr: `join.sh: damaged, carry again: ${pieces[0]!.name}\n`,
  });
  rmSync(second);
  expect(unpack('damaged')).toMatchObject({ status: 1, stderr: `join.sh: missing: ${pieces[1]!.name}\n` });
  expect(readdirSync(scratch).sort()).toEqual(['joined', 'kit', 'kit.pieces']);
});
