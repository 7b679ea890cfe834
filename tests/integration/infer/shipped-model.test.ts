import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Model, readModel } from '../../../src/infer/model.js';
import { openTagger, type TaggerHost } from '../../../src/infer/tagger-host.js';
import type { Pixels, Scores } from '../../../src/types.js';

const DIR = 'model/sgfn-nano-coco80';
const FILE_BATCH = 4;

interface Golden {
  readonly tolerance: number;
  readonly scores: readonly (readonly number[])[];
}

let model: Model;
let tagger: TaggerHost;
let frames: readonly Pixels[];
const golden = JSON.parse(readFileSync(join(DIR, 'golden/golden.json'), 'utf8')) as Golden;

beforeAll(async () => {
  model = await readModel(DIR);
  const raw = gunzipSync(readFileSync(join(DIR, 'golden/frames.u8.gz')));
  const frameBytes = model.input.width * model.input.height * 3;
  frames = golden.scores.map((_, n) => toFrame(raw.subarray(n * frameBytes, (n + 1) * frameBytes)));
  tagger = await openTagger({
    model,
    plan: { sessions: 2, batchSizes: [1, FILE_BATCH], fileBatch: FILE_BATCH },
  });
});
afterAll(async () => tagger[Symbol.asyncDispose]());

function toFrame(bytes: Uint8Array): Pixels {
  return { bytes, hash: () => 0, release: () => {} };
}

/** The bytes of each frame's scores, the frames in the order given. */
async function bits(order: readonly number[], from: TaggerHost = tagger): Promise<string[]> {
  const results = await from.tag(
    order.map((n) => frames[n]!),
    { fixed: true },
  );
  return results.map((result) => Buffer.from((result as Scores).buffer).toString('hex'));
}

test('the golden frames give the golden scores', async () => {
  for (const [n, expected] of golden.scores.entries()) {
    const [scores] = await tagger.tag([frames[n]!], { fixed: true });
    const worst = Math.max(...expected.map((score, label) => Math.abs(score - (scores as Scores)[label]!)));
    expect(worst).toBeLessThanOrEqual(golden.tolerance);
  }
});

test('a frame of a file has the same scores, bit for bit, alone, among others, shuffled and side by side', async () => {
  const alone: string[] = [];
  for (const n of frames.keys()) alone.push(...(await bits([n])));
  const orders = [
    [0, 1, 2, 3],
    [3, 1, 4, 0],
    [4, 4, 2],
    [2, 0],
  ];
  for (const order of orders) expect(await bits(order)).toEqual(order.map((n) => alone[n]));
  const [left, right] = await Promise.all([bits([4, 3, 2, 1]), bits([1, 0, 4, 2])]);
  expect([left, right]).toEqual([[4, 3, 2, 1].map((n) => alone[n]), [1, 0, 4, 2].map((n) => alone[n])]);
});

test('another tagger process gives the same bits', async () => {
  const plan = { sessions: 1, batchSizes: [FILE_BATCH], fileBatch: FILE_BATCH };
  const other = await openTagger({ model, plan });
  try {
    expect(await bits([2, 3], other)).toEqual(await bits([2, 3]));
  } finally {
    await other[Symbol.asyncDispose]();
  }
});
