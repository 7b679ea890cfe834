import type { ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSmallDisk } from '../integration/publish/small-disk.js';
import { until } from '../until.js';
import { createFolder } from './clips.js';
import { labelcast, type Run } from './labelcast.js';

const MODELS = 'tests/fixtures/models';
/** What it has beyond the weights is not read, but copied. */
const LARGE_BYTES = 1 << 28;
const folder = createFolder();
const LABELS = folder.file('labels.txt');

beforeAll(() => {
  writeFileSync(LABELS, 'red\ngreen\nblue\n');
  for (const name of ['foreign-data.onnx', 'foreign-data.onnx.data'])
    copyFileSync(`${MODELS}/${name}`, folder.file(name));
  truncateSync(folder.file('foreign-data.onnx.data'), LARGE_BYTES);
});
afterAll(() => folder.remove());

function importModel(file: string, into: string, onStart?: (child: ChildProcess) => void): Promise<Run> {
  const args = ['model', 'import', file, '--labels', LABELS, '--normalise', 'half', '-o', folder.file(into)];
  return labelcast(args, { ...(onStart && { onStart }) });
}

/** Sends a signal once standard output holds a text. */
function whenSaid(text: string, signal: NodeJS.Signals): (child: ChildProcess) => void {
  return (child) => {
    let said = '';
    child.stdout!.on('data', (more: string) => {
      said += more;
      if (said.includes(text)) child.kill(signal);
    });
  };
}

const NOTHING = 'interrupted; nothing was made\n';

test('Ctrl-C while files are copied: nothing is left, nor the folders above', async () => {
  let stopping: Promise<void> | undefined;
  const stopped = await importModel(folder.file('foreign-data.onnx'), 'new/large', (child) => {
    const copying = () => existsSync(folder.file('new/large/foreign-data.onnx.data'));
    stopping = until('the weights are being copied', copying, { everyMs: 5 }).then(() => {
      child.kill('SIGINT');
    });
  });
  await stopping;
  expect(stopped).toMatchObject({ status: 130, signal: null, stderr: NOTHING });
  expect(existsSync(folder.file('new'))).toBe(false);
});

test('SIGTERM while the package is checked: nothing is left, a check is not told as failed, and the same line works', async () => {
  const file = `${MODELS}/foreign.onnx`;
  let stopped: Run;
  do {
    rmSync(folder.file('mine'), { recursive: true, force: true });
    mkdirSync(folder.file('mine'));
    stopped = await importModel(file, 'mine', whenSaid('ok    model ', 'SIGTERM'));
  } while (stopped.status === 0); // it was done before the signal came
  expect(stopped).toMatchObject({ status: 143, signal: null, stderr: NOTHING });
  expect(stopped.stdout).not.toMatch(/^fail|tagger was closed/m);
  expect(readdirSync(folder.file('mine'))).toEqual([]);
  expect((await importModel(file, 'mine')).status).toBe(0);
});

test('a full disk is told with what is needed and what was free, and nothing is left on it', async () => {
  const disk = openSmallDisk('64m');
  try {
    const dir = `${disk.path}/package`;
    const args = ['--labels', LABELS, '--normalise', 'half', '-o', dir];
    const run = await labelcast(['model', 'import', folder.file('foreign-data.onnx'), ...args]);
    expect([run.status, run.stderr]).toEqual([
      2,
      `error: ${dir} cannot be written: its disk is full: the package needs 256.0 MiB, and 64.0 MiB were free; free space there, or name a folder on another disk with -o, and import again\n`,
    ]);
    expect(readdirSync(disk.path)).toEqual([]);
  } finally {
    disk.unmount();
  }
});
