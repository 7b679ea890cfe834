import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, DEMO_CLIP } from './clips.js';
import { labelcast, type Run } from './labelcast.js';

const folder = createFolder();
const LABELS = folder.file('labels.txt');

beforeAll(() => writeFileSync(LABELS, 'red\ngreen\nblue\n'));
afterAll(() => folder.remove());

function importModel(model: string, into: string, ...flags: readonly string[]): Promise<Run> {
  const args = ['--labels', LABELS, '--normalise', 'half', '-o', folder.file(into), ...flags];
  return labelcast(['model', 'import', `tests/fixtures/models/${model}.onnx`, ...args]);
}

test('a softmax is told of, unless something else is made of what it gives', async () => {
  const told = /^softmax {5}labels exclude each other, .* without its softmax, .* --activation sigmoid$/m;
  for (const activation of ['auto', 'none']) {
    const run = await importModel('foreign-softmax', `softmax-${activation}`, '--activation', activation);
    expect([run.status, run.stdout]).toEqual([0, expect.stringMatching(told)]);
  }
  const squeezed = await importModel('foreign-softmax', 'squeezed', '--activation', 'sigmoid');
  expect([squeezed.status, squeezed.stdout]).toEqual([0, expect.not.stringMatching(/softmax {5}/)]);
  expect(squeezed.stdout).toMatch(
    /^activation {2}sigmoid of what seem to be probabilities already, as every score /m,
  );
});

test('labels that hold a comma are told of, as tag --labels cannot name them', async () => {
  const labels = folder.file('commas.txt');
  const rowOf = async (into: string, text: string) => {
    writeFileSync(labels, text);
    const { status, stdout } = await importModel('foreign', into, '--labels', labels);
    expect(status).toBe(0);
    return stdout.split('\n').find((line) => line.startsWith('labels '));
  };
  const rest = `, which separates names in tag --labels and consume --label; to choose by such a name, write it without in ${labels} and import again`;
  expect(await rowOf('two-commas', 'tench, fish\ncat\ncrane, bird')).toBe(
    `labels      2 hold a comma ("tench, fish")${rest}`,
  );
  expect(await rowOf('one-comma', 'tench, fish\ncat\ncrane')).toBe(
    `labels      "tench, fish" holds a comma${rest}`,
  );
  const model = ['--model', folder.file('two-commas')];
  const tagged = await labelcast(['tag', DEMO_CLIP, ...model, '--labels', 'tench, fish']);
  expect([tagged.status, tagged.stderr]).toEqual([
    2,
    expect.stringContaining('- tench is no label of foreign'),
  ]);
  expect(await rowOf('no-comma', 'tench\ncat\ncrane')).toBeUndefined();
});

test('an ONNX file named as the model: what makes a package of it is said', async () => {
  const model = 'tests/fixtures/models/foreign.onnx';
  const config = folder.file('labelcast.yaml');
  writeFileSync(
    config,
    `model: { path: ${process.cwd()}/${model} }\nstreams: [{ id: gate, url: rtsp://127.0.0.1/1 }]\n`,
  );
  const remedy =
    /foreign\.onnx: manifest\.json does not exist; make one .* labelcast model import, and name /;
  for (const args of [
    ['tag', DEMO_CLIP, '--model', model],
    ['serve', '-c', config],
    ['model', 'inspect', model],
  ]) {
    const run = await labelcast(args);
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(remedy) });
  }
});
