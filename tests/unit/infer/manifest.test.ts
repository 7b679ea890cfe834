import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { ConfigError } from '../../../src/errors.js';
import { manifestSchema, readManifest } from '../../../src/infer/manifest.js';

const GOOD = {
  schema: 1,
  name: 'tiny',
  version: '1.0.0',
  licence: 'Apache-2.0',
  files: { fp32: { path: 'model.onnx', sha256: '0'.repeat(64) } },
  input: {
    width: 8,
    height: 8,
    resize: 'letterbox',
    align: 'top-left',
    pad: 114,
    interpolation: 'bilinear',
    matrix: 'auto',
    range: 'full',
  },
  labels: [{ name: 'red', enter: 0.6, exit: 0.4 }, { name: 'green' }],
  fps: 5,
  smoothing: { halfLifeMs: 400, minOnMs: 400, minOffMs: 1000, gapToleranceMs: 3000, enter: 0.5, exit: 0.3 },
  trainedOn: 'nothing',
  metrics: [{ name: 'mAP', value: 0.5, set: 'none', command: 'true' }],
};
const SCHEMA_FILE = 'docs/schema/manifest.schema.json';

function problems(manifest: unknown): readonly string[] {
  return issuesOf(JSON.stringify(manifest));
}

function issuesOf(text: string): readonly string[] {
  try {
    readManifest(text, 'm.json');
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('the manifest was accepted');
}

test('a whole manifest is read as it is', () => {
  expect(readManifest(JSON.stringify(GOOD), 'm.json')).toEqual(GOOD);
});

test('text that is not JSON is refused with the name of the file', () => {
  expect(() => readManifest('{', 'm.json')).toThrow('m.json is not JSON');
});

test.each([
  ['{\n  "schema": 1,\n}\n', 'line 3, column 1: expected double-quoted property name'],
  ['{\n  "schema": 1\n  "name": "a"\n}\n', "line 3, column 3: expected ',' or '}' after property value"],
  ["{\n  'schema': 1\n}\n", 'line 2, column 3: '],
  [`{\n  "fps": five,\n  "name": "${'a'.repeat(60)}"\n}\n`, "line 2, column 11: unexpected token 'i'"],
  ['{\n  "schema": 1', 'line 2, column 14: it ends too early'],
  ['', 'line 1, column 1: it ends too early'],
  ['{}\n}', /line 2, column 1: unexpected non-whitespace character$/],
])('%j: where it stops being JSON is said', (text, line) => {
  expect(issuesOf(text)).toEqual([expect.stringMatching(line)]);
});

test('a byte order mark of an editor is passed over', () => {
  expect(readManifest(`\uFEFF${JSON.stringify(GOOD)}`, 'm.json')).toEqual(GOOD);
});

test('problems are told in the words of those of the configuration', () => {
  const { trainedOn: _, ...rest } = GOOD;
  const bad = {
    ...rest,
    input: { ...GOOD.input, resize: undefined, width: '8', heigth: 8 },
    metrics: [{ naem: 'mAP', value: 0.5, set: 'none', command: 'true' }],
  };
  expect(problems(bad)).toEqual([
    'input.width: write a number, not a text',
    'input.resize: is missing: write letterbox or squash',
    'input.heigth: unknown key; did you mean height?',
    'trainedOn: is missing: write a text',
    'metrics.0.name: is missing: write a text',
    'metrics.0.naem: unknown key; did you mean name?',
  ]);
});

test('every problem is listed with its path', () => {
  const bad = {
    ...GOOD,
    schema: 2,
    extra: true,
    input: { ...GOOD.input, pad: 300, shape: 'round' },
    labels: [{ name: 'red', enter: 0.3, exit: 0.4 }],
    smoothing: { ...GOOD.smoothing, enter: 1.5 },
  };
  expect(problems(bad).map((line) => line.split(':')[0])).toEqual([
    'schema',
    'input.pad',
    'input.shape',
    'labels.0.exit',
    'smoothing.enter',
    'extra',
  ]);
});

test('a threshold of a label that is crossed by the other one of smoothing is refused', () => {
  const labels = [
    { name: 'red', enter: 0.3 },
    { name: 'green', exit: 0.5 },
    { name: 'blue', enter: 0.31 },
  ];
  const path = 'm.json does not describe a model';
  expect(() => readManifest(JSON.stringify({ ...GOOD, labels }), 'm.json')).toThrow(path);
  expect(problems({ ...GOOD, labels })).toEqual([
    'labels.0.enter: with the rest of smoothing red would begin at 0.3 and end at 0.3; exit must be below enter',
    'labels.1.exit: with the rest of smoothing green would begin at 0.5 and end at 0.5; exit must be below enter',
  ]);
});

test('two labels of one name are refused', () => {
  expect(problems({ ...GOOD, labels: [{ name: 'a' }, { name: 'a' }] })).toEqual([
    'labels: names must differ',
  ]);
});

test.each(['/etc/model.onnx', '../model.onnx', 'a/../../model.onnx', ''])(
  'a model file at "%s" is refused',
  (path) => {
    expect(problems({ ...GOOD, files: { fp32: { ...GOOD.files.fp32, path } } })).toEqual([
      'files.fp32.path: must lie inside the package folder',
    ]);
  },
);

test(`${SCHEMA_FILE} is the schema in force; UPDATE_SCHEMAS=1 rewrites it`, () => {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input' });
  const text = `${JSON.stringify({ title: 'labelcast model package, manifest.json', ...schema }, null, 2)}\n`;
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(SCHEMA_FILE, text);
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(JSON.parse(text));
});

test('the JSON Schema takes a good manifest and refuses an unknown key', () => {
  const validate = new Ajv2020().compile(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object);
  expect([validate(GOOD), validate({ ...GOOD, extra: true })]).toEqual([true, false]);
});
