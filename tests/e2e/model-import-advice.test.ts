import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder } from './clips.js';
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
    const run = await importModel('foreign-softmax', activation, '--activation', activation);
    expect([run.status, run.stdout]).toEqual([0, expect.stringMatching(told)]);
  }
  const squeezed = await importModel('foreign-softmax', 'squeezed', '--activation', 'sigmoid');
  expect([squeezed.status, squeezed.stdout]).toEqual([0, expect.not.stringMatching(/softmax {5}/)]);
});
