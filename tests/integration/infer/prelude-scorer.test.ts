import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Prelude } from '../../../src/infer/manifest.js';
import { readModel } from '../../../src/infer/model.js';
import { isIndependent, makeNoise, score } from '../../../src/infer/model-proof.js';
import { openTagger, type TaggerHost } from '../../../src/infer/tagger-host.js';
import { TinyPackage } from './tiny-package.js';

const HALF: Prelude = {
  input: 'x',
  output: 'y',
  layout: 'nchw',
  channels: 'rgb',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  activation: 'sigmoid',
};
const UNIT: Prelude = { ...HALF, layout: 'nhwc', mean: [0, 0, 0], std: [1, 1, 1], activation: 'none' };
const DATA = { data: 'foreign-data.onnx.data' };

const cleaning: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleaning.reverse()) await clean();
});

function create(...args: ConstructorParameters<typeof TinyPackage>): TinyPackage {
  const made = new TinyPackage(...args);
  cleaning.push(() => made.remove());
  return made;
}

async function open({ dir }: TinyPackage): Promise<TaggerHost> {
  const plan = { sessions: 1, batchSizes: [1, 2, 4], fileBatch: 4 };
  const tagger = await openTagger({ model: await readModel(dir), plan });
  cleaning.push(() => tagger[Symbol.asyncDispose]());
  return tagger;
}

/** A frame of one colour. */
function colour(...rgb: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 8 * 8 * 3 }, (_, n) => rgb[n % 3]!);
}

async function scoreColour(one: TinyPackage): Promise<number[]> {
  const [scores] = await score(await open(one), [colour(255, 51, 102)]);
  return [...scores!];
}

/** What a model that gives 4 times the mean of a channel, from -1 to 1, is to score for a value of it. */
function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-4 * (value / 127.5 - 1)));
}

test('logits of a model that takes planes are scores of its channels, in either order of them', async () => {
  const scores = [255, 51, 102].map(sigmoid);
  const rgb = await scoreColour(create('foreign', { prelude: HALF }));
  const bgr = await scoreColour(create('foreign', { prelude: { ...HALF, channels: 'bgr' } }));
  expect(rgb).toEqual(scores.map((value) => expect.closeTo(value, 6)));
  expect(bgr).toEqual([rgb[2], rgb[1], rgb[0]]);
});

test('a model that takes pixels, one frame at a time, scores them in batches too', async () => {
  const one = create('foreign-nhwc', { prelude: UNIT });
  expect(await scoreColour(one)).toEqual([1, 0.2, 0.4].map((value) => expect.closeTo(value, 6)));
  const tagger = await open(one);
  expect(tagger).toMatchObject({ fileBatch: 4, isOneByOne: true });
  expect(await isIndependent(tagger, makeNoise(6, 8 * 8 * 3))).toBe(true);
});

test('mean and std are those of each channel, in the order in which the model takes them', async () => {
  const prelude: Prelude = { ...UNIT, channels: 'bgr', scale: 1, mean: [2, 51, 155], std: [100, 1, 1000] };
  const scores = await scoreColour(create('foreign-nhwc', { prelude }));
  expect(scores).toEqual([1, 0, 0.1].map((value) => expect.closeTo(value, 6)));
});

test('logits far from 0 are 0 and 1, never without a number', async () => {
  const prelude: Prelude = { ...HALF, scale: 1, mean: [0, 100, 0], std: [1, 0.01, 1] };
  expect(await scoreColour(create('foreign', { prelude }))).toEqual([1, 0, 1]);
});

test('weights that the model keeps in a file of their own are part of the package', async () => {
  const one = create('foreign-data', { prelude: HALF, ...DATA });
  expect(await scoreColour(one)).toEqual([255, 51, 102].map((value) => expect.closeTo(sigmoid(value), 6)));
  writeFileSync(join(one.dir, DATA.data), 'others');
  await expect(readModel(one.dir)).rejects.toThrow(
    /foreign-data\.onnx\.data is not the model of its manifest/,
  );
});

test('what a prelude says is part of what identifies the model, as are the files of its weights', async () => {
  const plain = await readModel(create('tiny').dir);
  expect(plain.info.sha256).toBe(plain.manifest.files.fp32.sha256);
  const all = [
    create('foreign', { prelude: HALF }),
    create('foreign', { prelude: { ...HALF, mean: [0.5, 0.5, 0.4] } }),
    create('foreign', { prelude: { ...HALF, channels: 'bgr' } }),
    create('foreign-data', { prelude: HALF }),
    create('foreign-data', { prelude: HALF, ...DATA }),
  ];
  const hashes = await Promise.all(all.map(async ({ dir }) => (await readModel(dir)).info.sha256));
  expect(new Set(hashes).size).toBe(all.length);
  const { dir } = create('foreign', { prelude: HALF });
  expect((await readModel(dir)).info.sha256).toBe(hashes[0]);
});

test.each<[string, Partial<Prelude>, RegExp]>([
  ['an input that it has not', { input: 'picture' }, /no input `picture` or no output `y`/],
  ['an output that it has not', { output: 'scores' }, /no input `x` or no output `scores`/],
  [
    'another layout',
    { layout: 'nhwc' },
    /^manifest\.json says 4x8 as nhwc, model\.onnx takes x float32 \[N,3,8,8\]$/,
  ],
])('a prelude with %s is refused when the tagger opens', async (_, wrong, message) => {
  // 8 × 4, so that no layout is taken for the other
  const one = create('foreign', { prelude: { ...HALF, ...wrong }, width: 4 });
  await expect(open(one)).rejects.toThrow(message);
});

test('another size than the model takes is refused with both, and to be imported again', async () => {
  const failure = await open(create('foreign', { prelude: HALF, width: 12 })).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    message: 'manifest.json says 12x8 as nchw, model.onnx takes x float32 [N,3,8,8]',
    remedy: 'remove the folder, and import the model again: labelcast model import',
  });
});

test('another number of labels than the model has is refused when the tagger opens', async () => {
  const one = create('foreign', { prelude: HALF, labels: 4 });
  await expect(open(one)).rejects.toThrow('not float32 [1,4]');
});
