import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  const verified = await labelcast(['model', 'verify', model]);
  expect(verified).toMatchObject({ status: 2, stdout: expect.stringMatching(remedy), stderr: '' });
});

test('an import that fails leaves nothing behind, so that the line which it advises works', async () => {
  const failed = await importModel('foreign', 'new/wrong', '--activation', 'none');
  expect(failed.status).toBe(1);
  expect(failed.stdout).toMatch(/^fail {2}scores .* is no probability; import it with --activation sigmoid/m);
  expect(failed.stdout).toMatch(/new\/wrong is not kept; mend what failed, and import again\n$/);
  expect(failed.stdout).not.toContain('labelcast tag');
  expect(existsSync(folder.file('new'))).toBe(false);
  expect((await importModel('foreign', 'new/wrong', '--activation', 'sigmoid')).status).toBe(0);

  mkdirSync(folder.file('mine'));
  const json = await importModel('foreign', 'mine', '--activation', 'none', '--json');
  expect(json.status).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ dir: folder.file('mine') });
  expect(readdirSync(folder.file('mine'))).toEqual([]);
});

test('files of weights that a failed import copied go too', async () => {
  expect((await importModel('foreign-data', 'heavy', '--activation', 'none')).status).toBe(1);
  expect(existsSync(folder.file('heavy'))).toBe(false);
});

test('scores that are no probabilities, of a package whose manifest was changed, fail a run and doctor', async () => {
  await importModel('foreign', 'changed');
  const manifest = folder.file('changed/manifest.json');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace('"activation": "sigmoid"', '"activation": "none"'));
  const flags = ['--model', folder.file('changed')];
  const tagged = await labelcast(['tag', DEMO_CLIP, '--json', ...flags]);
  expect(tagged.stdout).not.toContain('io.labelcast.label.');
  expect([tagged.status, tagged.stderr]).toEqual([
    1,
    expect.stringMatching(/gave a frame the score \S+, which is no probability; .*--activation sigmoid/),
  ]);
  expect((await labelcast(['doctor', ...flags])).stdout).toMatch(/^fail .* no probability/m);
});

test('scores that are not numbers: normalisation and export are named, and nothing is written', async () => {
  const labels = ['--labels', LABELS, '-o', folder.file('infinite')];
  const huge = ['--mean', '3e38,3e38,3e38', '--std', '1,1,1'];
  const run = await labelcast(['model', 'import', 'tests/fixtures/models/foreign.onnx', ...labels, ...huge]);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(
    /^error: the model gives pictures scores that are not numbers .*; compare --normalise, or --mean and --std, .*export it again/,
  );
  expect(run.stderr).not.toContain('device');
  expect(existsSync(folder.file('infinite'))).toBe(false);
});

test('the document that tells of thresholds is there', async () => {
  const { stdout } = await importModel('foreign', 'thresholds');
  const document = /^thresholds .*: (\/.+\.md)$/m.exec(stdout)?.[1];
  expect(existsSync(document ?? 'no document')).toBe(true);
});
