import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSmallDisk } from '../integration/publish/small-disk.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast, type Run, toEvents } from './labelcast.js';

const MODELS = 'tests/fixtures/models';
const folder = createFolder();
const LABELS = folder.file('labels.txt');

beforeAll(() => writeFileSync(LABELS, 'red\ngreen\r\nblue\n\n'));
afterAll(() => folder.remove());

function importModel(file: string, into: string, ...flags: readonly string[]): Promise<Run> {
  return labelcast(['model', 'import', file, '--labels', LABELS, '-o', folder.file(into), ...flags]);
}

function readManifest(dir: string): Record<string, unknown> {
  return JSON.parse(readFileSync(folder.file(`${dir}/manifest.json`), 'utf8')) as Record<string, unknown>;
}

test('a foreign model becomes a package whose file is as it was, each guess told in a line', async () => {
  const file = `${MODELS}/foreign.onnx`;
  const { status, stdout, stderr } = await importModel(
    file,
    'foreign',
    '--normalise',
    'half',
    '--enter',
    '0.6',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const dir = folder.file('foreign');
  expect(lines.splice(-2)).toEqual([
    `${dir} is made, with 3 labels read from ${LABELS}; to tag with it:`,
    `  labelcast tag clip.mp4 --model ${dir}`,
  ]);
  expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(
    'layout size channels resize scaling activation name licence thresholds ok ok ok ok ok'.split(' '),
  );
  expect(stdout).toMatch(/^layout {6}nchw, as 3 is the second size of x float32 \[N,3,8,8\]$/m);
  expect(stdout).toMatch(
    /^scaling {5}bilinear; most networks of timm say bicubic: --interpolation bicubic$/m,
  );
  expect(stdout).toMatch(/^activation {2}sigmoid, as scores of 5 pictures are -\d\.\d\d to \d\.\d\d$/m);
  expect(readdirSync(folder.file('foreign')).sort()).toEqual([
    'README.md',
    'golden',
    'manifest.json',
    'model.onnx',
  ]);
  expect(readFileSync(folder.file('foreign/model.onnx')).equals(readFileSync(file))).toBe(true);
  expect(readManifest('foreign')).toMatchObject({
    name: 'foreign',
    input: { width: 8, height: 8, resize: 'squash', interpolation: 'bilinear' },
    prelude: { input: 'x', output: 'y', layout: 'nchw', activation: 'sigmoid' },
    labels: [{ name: 'red' }, { name: 'green' }, { name: 'blue' }],
    smoothing: { enter: 0.6, exit: 0.42 },
  });
  const inspected = await labelcast(['model', 'inspect', folder.file('foreign')]);
  expect(inspected.stdout).toMatch(/^prelude {5}x is nchw, rgb, .*; sigmoid of y as scores$/m);
  expect((await labelcast(['model', 'verify', folder.file('foreign')])).status).toBe(0);
});

test('what the flags say is taken, and probabilities are left as they are', async () => {
  const run = await importModel(
    `${MODELS}/foreign-nhwc.onnx`,
    'said',
    ...'--normalise unit --name doors --model-version 2.1 --licence MIT --resize letterbox --interpolation bicubic --json'.split(
      ' ',
    ),
  );
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const { guesses, findings } = JSON.parse(run.stdout) as {
    guesses: Record<string, string>;
    findings: { status: string }[];
  };
  expect(guesses).not.toHaveProperty('scaling');
  expect(guesses['activation']).toMatch(/^none, as scores of 5 pictures are 0\.\d\d to 0\.\d\d$/);
  expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(readManifest('said')).toMatchObject({
    name: 'doors',
    version: '2.1',
    licence: 'MIT',
    input: { resize: 'letterbox', interpolation: 'bicubic' },
    prelude: { layout: 'nhwc', activation: 'none' },
  });
});

test('an output chosen of two, and pictures of any size', async () => {
  const two = await importModel(
    `${MODELS}/foreign-outputs.onnx`,
    'two',
    '--normalise',
    'half',
    '--scores',
    'y',
  );
  expect(two.status).toBe(0);
  const sizes = ['--normalise', 'half', '--layout', 'nchw', '--size', '32x24'];
  expect((await importModel(`${MODELS}/foreign-sizes.onnx`, 'sizes', ...sizes)).status).toBe(0);
  expect(readManifest('sizes')).toMatchObject({ input: { width: 32, height: 24 } });
});

test('a file of weights beside the model comes along', async () => {
  expect((await importModel(`${MODELS}/foreign-data.onnx`, 'data', '--normalise', 'half')).status).toBe(0);
  expect(readManifest('data')).toMatchObject({
    files: { fp32: { path: 'model.onnx', data: [{ path: 'foreign-data.onnx.data' }] } },
  });
});

test('other settings of the same file tag a clip anew', async () => {
  const clip = folder.file('clip.mp4');
  ffmpeg('-t', '2', '-i', DEMO_CLIP, '-c', 'copy', clip);
  const epochs = new Set<string | null>();
  for (const setting of ['--channels=rgb', '--channels=bgr', '--resize=letterbox']) {
    const flags = ['--normalise', 'half', setting, '--enter', '0.01'];
    await importModel(`${MODELS}/foreign.onnx`, `tags${setting}`, ...flags);
    const tagged = await labelcast(['tag', clip, '--model', folder.file(`tags${setting}`), '--json']);
    expect(tagged.status).toBe(0);
    const events = toEvents(tagged.stdout);
    expect(events.filter(({ type }) => type === 'io.labelcast.label.ended.v1').length).toBeGreaterThan(0);
    for (const { data } of events) epochs.add(data.epoch);
  }
  expect(epochs.size).toBe(3);
});

/** Flags of a command that would make a package. */
const GOOD = ['--normalise', 'half'];

test.each<[string, string, () => readonly string[], RegExp]>([
  ['a file that is none', 'none.onnx', () => GOOD, /none\.onnx does not exist; name the ONNX file/],
  ['a file that is no ONNX', 'make.py', () => GOOD, /make\.py is no ONNX file; export the model as ONNX/],
  [
    'an opset that is not known',
    'foreign-newer.onnx',
    () => GOOD,
    /newer ONNX .*; export .*opset_version=18/,
  ],
  ['a float16 input', 'foreign-half.onnx', () => GOOD, /x float16 \[N,3,8,8\] is not float32; .*float\(\)/],
  ['two outputs', 'foreign-outputs.onnx', () => GOOD, /has 2 outputs: y .*, mean .*; .*--scores y/],
  ['bytes in', 'tiny.onnx', () => GOOD, /frames uint8 \[N,8,8,3\] is not float32/],
  ['no normalisation', 'foreign.onnx', () => [], /normalised; add --normalise imagenet/],
  ['both kinds of it', 'foreign.onnx', () => [...GOOD, '--mean', '0,0,0'], /cannot be used with/],
  ['a mean of two', 'foreign.onnx', () => ['--mean', '0.5,0.5'], /Write three numbers/],
  ['a std of 0', 'foreign.onnx', () => ['--std', '1,0,1'], /Each must be above 0/],
  ['a size of none', 'foreign.onnx', () => [...GOOD, '--size', '8by8'], /Write it as 224 or 640x384/],
  ['an exit above enter', 'foreign.onnx', () => [...GOOD, '--exit', '0.8'], /--exit 0\.8 is not below/],
  ['a name of two words', 'foreign.onnx', () => [...GOOD, '--name', 'two words'], /Use 1-80 letters/],
  ['a version of nothing', 'foreign.onnx', () => [...GOOD, '--model-version', ''], /Use 1-40 characters/],
  ['labels twice', 'foreign.onnx', () => labels('red\nblue\nred'), /line 3 is "red", as line 1 is/],
  ['a gap in the labels', 'foreign.onnx', () => labels('red\n\nblue'), /line 2 is empty/],
  [
    'labels that are no text',
    'foreign.onnx',
    () => labels('f\xfcr', 'latin1'),
    /bad\.txt is no text in UTF-8/,
  ],
  ['a colour in a label', 'foreign.onnx', () => labels('a\n\x1b[31mb\nc'), /line 2 holds a control char/],
  [
    'another file as labels',
    'foreign.onnx',
    () => labels('a\n'.repeat(99)),
    /line 11 .*as line 1 is\n.*and 88 more/,
  ],
  ['too few labels', 'foreign.onnx', () => labels('red'), /has 1 label, but the model gives 3 scores/],
  ['too many labels', 'foreign.onnx', () => labels('a\nb\nc\nd'), /has 4 labels, but the model gives 3/],
  ['no file of labels', 'foreign.onnx', () => ['--labels', folder.file('no.txt')], /no\.txt cannot be read/],
])('%s: nothing is made, and one sentence says what to do', async (_, file, flags, sentence) => {
  const normalised = flags().includes('--labels') ? GOOD : [];
  const { status, stdout, stderr } = await importModel(`${MODELS}/${file}`, 'bad', ...normalised, ...flags());
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^ {4}at |onnxruntime_src/m);
  expect(existsSync(folder.file('bad'))).toBe(false);
});

function labels(text: string, encoding: BufferEncoding = 'utf8'): string[] {
  writeFileSync(folder.file('bad.txt'), text, encoding);
  return ['--labels', folder.file('bad.txt')];
}

test('weights that are not there, and weights whose name is no plain one, are refused', async () => {
  const model = readFileSync(`${MODELS}/foreign-data.onnx`);
  writeFileSync(folder.file('lone.onnx'), model);
  const lone = await importModel(folder.file('lone.onnx'), 'bad', ...GOOD);
  expect([lone.status, lone.stderr]).toEqual([
    2,
    expect.stringMatching(
      /lone\.onnx keeps its weights in .*foreign-data\.onnx\.data, which is not there; put/,
    ),
  ]);
  // a name as long as the other, so that the file stays whole
  writeFileSync(
    folder.file('odd.onnx'),
    Buffer.from(
      model.toString('latin1').replace('foreign-data.onnx.data', 'foreign data.onnx.data'),
      'latin1',
    ),
  );
  writeFileSync(folder.file('foreign data.onnx.data'), readFileSync(`${MODELS}/foreign-data.onnx.data`));
  const odd = await importModel(folder.file('odd.onnx'), 'bad', ...GOOD);
  expect([odd.status, odd.stderr]).toEqual([
    2,
    expect.stringMatching(/"foreign data\.onnx\.data", which .*; use plain/),
  ]);
  expect(existsSync(folder.file('bad'))).toBe(false);
});

test('weights that are cut off are named with how long they are, and to be copied whole', async () => {
  const [model, data] = [folder.file('cut.onnx'), folder.file('foreign-data.onnx.data')];
  writeFileSync(model, readFileSync(`${MODELS}/foreign-data.onnx`));
  for (const bytes of [6, 0]) {
    writeFileSync(data, readFileSync(`${MODELS}/foreign-data.onnx.data`).subarray(0, bytes));
    const cut = await importModel(model, 'bad', ...GOOD);
    expect([cut.status, cut.stderr]).toEqual([
      2,
      `error: the file of weights foreign-data.onnx.data is shorter than ${model} says: it has ${bytes} bytes, and weights are read up to byte 12; copy the whole of it again from where the model was exported\n`,
    ]);
  }
  rmSync(data);
  expect(existsSync(folder.file('bad'))).toBe(false);
});

test('weights that have a name of the package, and a file of more than can be opened, are refused', async () => {
  const model = readFileSync(`${MODELS}/foreign-data.onnx`).toString('latin1');
  const name = 'golden/odd-weights.bin'; // as long as the other
  writeFileSync(
    folder.file('own.onnx'),
    Buffer.from(model.replace('foreign-data.onnx.data', name), 'latin1'),
  );
  mkdirSync(folder.file('golden'));
  writeFileSync(folder.file(name), readFileSync(`${MODELS}/foreign-data.onnx.data`));
  const own = await importModel(folder.file('own.onnx'), 'bad', ...GOOD);
  expect([own.status, own.stderr]).toEqual([
    2,
    expect.stringMatching(
      /"golden\/odd-weights\.bin", a name that a package needs; name that file otherwise/,
    ),
  ]);
  writeFileSync(folder.file('large.onnx'), '');
  truncateSync(folder.file('large.onnx'), 2 ** 31 + 2 ** 29);
  const large = await importModel(folder.file('large.onnx'), 'bad', ...GOOD);
  expect([large.status, large.stderr]).toEqual([
    2,
    expect.stringMatching(/large\.onnx is 2\.5 GiB; at most 2 GiB can be opened; export/),
  ]);
  expect(existsSync(folder.file('bad'))).toBe(false);
});

test('a folder with something in it, and a file in its place, are left as they are', async () => {
  mkdirSync(folder.file('full'));
  writeFileSync(folder.file('full/notes.txt'), 'mine');
  const full = await importModel(`${MODELS}/foreign.onnx`, 'full', ...GOOD);
  expect([full.status, full.stderr]).toEqual([2, expect.stringMatching(/full is not empty; name another/)]);
  expect(readdirSync(folder.file('full'))).toEqual(['notes.txt']);
  const file = await importModel(`${MODELS}/foreign.onnx`, 'full/notes.txt', ...GOOD);
  expect([file.status, file.stderr]).toEqual([2, expect.stringMatching(/notes\.txt is no folder/)]);
  const below = await importModel(`${MODELS}/foreign.onnx`, 'full/notes.txt/package', ...GOOD);
  expect(below).toMatchObject({
    status: 2,
    stdout: '', // before anything was guessed
    stderr: expect.stringMatching(/notes\.txt is no folder: it is a file; name a folder /),
  });
});

test('a folder that cannot be written is refused before anything is guessed, and a folder as the model', async () => {
  const disk = openSmallDisk('1m');
  try {
    disk.remount('ro');
    const args = ['--labels', LABELS, ...GOOD, '-o', `${disk.path}/new/package`];
    expect(await labelcast(['model', 'import', `${MODELS}/foreign.onnx`, ...args])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `error: the folder ${disk.path} cannot be written; name a folder that can be written with -o\n`,
    });
  } finally {
    disk.unmount();
  }
  expect(await importModel(MODELS, 'bad', ...GOOD)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `error: ${MODELS} is a folder; name the ONNX file in it\n`,
  });
});
