import { expect, test } from '@jest/globals';
import type { ImportFlags } from '../../../src/cli/model/import-flags.js';
import { planImport } from '../../../src/cli/model/import-plan.js';
import { ConfigError } from '../../../src/errors.js';
import type { OnnxValue } from '../../../src/infer/onnx-signature.js';

const FLAGS: ImportFlags = {
  device: 'auto',
  output: 'package',
  labels: 'labels.txt',
  normalise: 'imagenet',
  layout: 'auto',
  activation: 'auto',
};
const X: OnnxValue = { name: 'x', type: 'float32', shape: ['N', 3, 224, 160] };
const Y: OnnxValue = { name: 'y', type: 'float32', shape: ['N', 20] };

function plan(
  flags: Partial<ImportFlags>,
  inputs: readonly OnnxValue[] = [X],
  outputs: readonly OnnxValue[] = [Y],
) {
  const { normalise, ...rest } = { ...FLAGS, ...flags };
  const all = normalise === undefined ? rest : { ...rest, normalise };
  return planImport({ inputs, outputs }, 20, all);
}

function shaped(...shape: OnnxValue['shape']): readonly OnnxValue[] {
  return [{ ...X, shape }];
}

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message}; ${error.remedy}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('layout and size are read from the input, and what was guessed is told', () => {
  const planes = plan({});
  expect(planes.size).toEqual({ width: 160, height: 224 });
  expect(planes.prelude).toEqual({
    input: 'x',
    output: 'y',
    layout: 'nchw',
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    activation: 'none',
  });
  expect(planes.guesses.map(([what]) => what)).toEqual(['layout', 'size', 'channels', 'resize', 'scaling']);
  const pixels = plan({ activation: 'sigmoid' }, shaped(1, 224, 160, 3));
  expect(pixels.size).toEqual({ width: 160, height: 224 });
  expect(pixels.prelude).toMatchObject({ layout: 'nhwc', activation: 'sigmoid' });
  expect(pixels.guesses).toContainEqual(['batch', 'frames are run one by one, as x takes no more']);
});

test('what the flags say is no guess', () => {
  const size = { width: 640, height: 384 };
  const said = plan(
    { layout: 'nchw', size, channels: 'bgr', resize: 'letterbox', interpolation: 'bicubic' },
    shaped('N', '', 'H', 'W'),
  );
  expect(said).toMatchObject({ size, prelude: { channels: 'bgr', layout: 'nchw' }, guesses: [] });
});

test('mean and std are of values to 1, or to 255 when one of them is above 1', () => {
  const { normalise: _, ...bare } = FLAGS;
  const of = (mean: ImportFlags['mean'], std: ImportFlags['std']) =>
    planImport({ inputs: [X], outputs: [Y] }, 20, { ...bare, ...(mean && { mean }), ...(std && { std }) });
  expect(of([0.5, 0.4, 0.3], [0.2, 0.2, 1]).prelude.scale).toBe(1 / 255);
  const bytes = of([103.5, 116.3, 123.7], [1, 1, 1]);
  expect(bytes.prelude).toMatchObject({ scale: 1, mean: [103.5, 116.3, 123.7] });
  expect(bytes.guesses).toContainEqual(['mean, std', 'of values from 0 to 255, as one is above 1']);
  expect(of([0, 0, 0], [255, 255, 255]).prelude.scale).toBe(1);
  expect(refusalOf(() => of([0.485, 0.456, 0.406], [58, 57, 57]))).toBe(
    '--mean seems to be of values from 0 to 1, but --std of values from 0 to 255; write both of the same values: multiply --mean by 255, or divide --std by it, as it was trained',
  );
  expect(refusalOf(() => of([123.7, 116.3, 103.5], [0.229, 0.224, 0.225]))).toMatch(
    /^--std seems to be of values from 0 to 1, but --mean of .*multiply --std by 255/,
  );
  expect(refusalOf(() => of(undefined, undefined))).toMatch(
    /^no ONNX file says how .*; add --normalise imagenet .*$/,
  );
  expect(refusalOf(() => of([0, 0, 0], undefined))).toMatch(
    /^--mean is there, but --std is not; write both, .*: --mean R,G,B --std R,G,B; --std 1,1,1 /,
  );
  expect(refusalOf(() => of(undefined, [1, 1, 1]))).toMatch(
    /^--std is there, but --mean is not; write both, .*: --mean R,G,B --std R,G,B; --mean 0,0,0 /,
  );
});

test('an output is chosen by name', () => {
  const outputs = [{ ...Y, name: 'features', shape: ['N', 512] }, Y];
  expect(plan({ scores: 'y' }, [X], outputs).prelude.output).toBe('y');
});

const GREY = /takes grey pictures, of 1 channel: 3 are needed; export the model for colour pictures/;
const ODD = { ...Y, name: 'z', shape: ['N', 512] };

test.each<[string, () => unknown, RegExp]>([
  [
    'two outputs',
    () => plan({}, [X], [Y, ODD]),
    /has 2 outputs: y float32 \[N,20\], z float32 \[N,512\]; .*--scores y$/,
  ],
  [
    'two outputs, the first of which is a map',
    () => plan({}, [X], [{ ...Y, name: 'map', shape: ['N', 512, 7, 7] }, ODD, Y]),
    /has 3 outputs: .*--scores y$/,
  ],
  ['an output of another name', () => plan({ scores: 'a' }), /no output a; it has: y .*--scores$/],
  [
    'an output of maps',
    () => plan({}, [X], [{ ...Y, shape: ['N', 20, 7, 7] }]),
    /y float32 \[N,20,7,7\] is no list of scores/,
  ],
  ['an output of classes', () => plan({}, [X], [{ ...Y, type: 'int64' }]), /y int64 .* is no list of scores/],
  [
    'more scores than labels',
    () => plan({}, [X], [{ ...Y, shape: ['N', 21] }]),
    /labels\.txt has 20 labels, but the model gives 21 scores: .*; write one label/,
  ],
  [
    'fewer scores than labels',
    () => plan({}, [X], [{ ...Y, shape: ['N', 19] }]),
    /labels\.txt has 20 labels, but the model gives 19 scores/,
  ],
  ['two inputs', () => plan({}, [X, { ...X, name: 'b' }]), /has 2 inputs: x .*, b .*; export/],
  ['float16', () => plan({}, [{ ...X, type: 'float16' }]), /x float16 .* is not float32; .*model\.float\(\)/],
  ['bytes', () => plan({}, [{ ...X, type: 'uint8' }]), /x uint8 .* is not float32; export/],
  ['a list for a picture', () => plan({}, shaped('N', 512)), /x float32 \[N,512\] is no picture/],
  ['batches of 8', () => plan({}, shaped(8, 3, 224, 224)), /takes exactly 8 pictures; export .*any number/],
  ['grey pictures', () => plan({}, shaped('N', 1, 64, 64)), GREY],
  ['grey pictures as planes', () => plan({ layout: 'nchw' }, shaped('N', 1, 64, 64)), GREY],
  ['grey pictures as pixels', () => plan({ layout: 'nhwc' }, shaped('N', 64, 64, 1)), GREY],
  ['two sizes of 3', () => plan({}, shaped('N', 3, 64, 3)), /cannot be told.*--layout nchw/],
  [
    'the other layout',
    () => plan({ layout: 'nhwc' }, shaped('N', 3, 64, 64)),
    /has 64 channels as nhwc, not 3; name the other --layout/,
  ],
  [
    'any size, none named',
    () => plan({}, shaped('N', 3, 'H', '')),
    /takes pictures of any size; .*--size 224/,
  ],
  [
    'another size than it takes',
    () => plan({ size: { width: 224, height: 224 } }),
    /--size 224x224 is not that of .*; leave --size out/,
  ],
])('%s: refused in one sentence with what to do', (_, run, sentence) => {
  expect(refusalOf(run)).toMatch(sentence);
});

test('a normalisation that has a name is put into the order of the channels', () => {
  expect(plan({ channels: 'bgr' }).prelude).toMatchObject({
    channels: 'bgr',
    mean: [0.406, 0.456, 0.485],
    std: [0.225, 0.224, 0.229],
  });
});

test('pictures that no frame is made for are refused', () => {
  expect(refusalOf(() => plan({}, shaped('N', 3, 5000, 5000)))).toMatch(/more than 4096 pixels.*; export /);
});
