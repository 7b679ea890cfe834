import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { TinyPackage } from '../integration/infer/tiny-package.js';
import { createFolder } from './clips.js';
import type { Prelude } from '../../src/infer/manifest.js';
import { labelcast } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

const SHIPPED = 'model/sgfn-nano-coco80';
/** Of foreign-nhwc. */
const ONE_PICTURE: Prelude = {
  input: 'x',
  output: 'y',
  layout: 'nhwc',
  channels: 'rgb',
  scale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  activation: 'none',
};

const IMPORT_AGAIN =
  'get the whole package again, or remove the folder and import the model again: labelcast model import';

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly text: string;
  readonly remedy: string | null;
}

async function verify(dir: string): Promise<{ status: number | null; findings: readonly Finding[] }> {
  const { status, stdout, stderr } = await labelcast(['model', 'verify', dir, '--json']);
  expect(stderr).toBe('');
  return { status, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

function toStatuses(findings: readonly Finding[]): string[] {
  return findings.map(({ name, status }) => `${name} ${status}`);
}

/** Golden frames of a tiny model: a dark and a bright one, with these scores. */
function writeGolden(dir: string, scores: readonly (readonly number[])[]): void {
  mkdirSync(`${dir}/golden`);
  const frames = Buffer.concat([Buffer.alloc(8 * 8 * 3, 51), Buffer.alloc(8 * 8 * 3, 204)]);
  writeFileSync(`${dir}/golden/frames.u8.gz`, gzipSync(frames));
  writeFileSync(`${dir}/golden/golden.json`, JSON.stringify({ frames: 2, tolerance: 1e-4, scores }));
}

test('the shipped package is whole and scores as it was stored', async () => {
  const { status, findings } = await verify(SHIPPED);
  expect(toStatuses(findings)).toEqual(['model ok', 'provider ok', 'golden ok', 'scores ok', 'scores ok']);
  expect(status).toBe(0);
});

test('golden scores of another model are a fault that names frame and label', async () => {
  const tiny = new TinyPackage('tiny');
  const grey = (value: number) => [value, value, value];
  writeGolden(tiny.dir, [grey(0.2), [0.8, 0.7, 0.8]]);
  const { status, findings } = await verify(tiny.dir);
  const text = 'frame 2 of 2 frames scores 0.8000 for green, stored 0.7000, allowed 0.0001';
  const remedy = 'golden scores are those of model and settings: get the whole package again';
  expect(findings[2]).toEqual({ name: 'golden', status: 'fail', text, remedy });
  expect(status).toBe(1);

  rmSync(`${tiny.dir}/golden`, { recursive: true });
  writeGolden(tiny.dir, [grey(0.2), grey(0.8)]);
  expect((await verify(tiny.dir)).status).toBe(0);

  rmSync(`${tiny.dir}/golden`, { recursive: true });
  writeGolden(tiny.dir, [[0.2], [0.8]]);
  expect((await verify(tiny.dir)).findings[2]).toMatchObject({
    status: 'fail',
    text: `${tiny.dir}/golden/golden.json does not hold 3 scores for each of its 2 frames`,
    remedy: IMPORT_AGAIN,
  });
  tiny.remove();
});

test('a setting of an imported model that was changed in the manifest: to be imported again with it', async () => {
  const one = new TinyPackage('foreign-nhwc', { prelude: { ...ONE_PICTURE, mean: [0.1, 0, 0] } });
  const grey = (value: number) => [value, value, value];
  writeGolden(one.dir, [grey(0.2), grey(0.8)]);
  expect((await verify(one.dir)).findings[2]).toMatchObject({
    status: 'fail',
    text: 'frame 1 of 2 frames scores 0.1000 for red, stored 0.2000, allowed 0.0001',
    remedy:
      'golden scores are those of the settings in manifest.json: to change one, remove the folder and import again',
  });
  writeFileSync(`${one.dir}/golden/frames.u8.gz`, 'damaged');
  expect((await verify(one.dir)).findings[2]).toMatchObject({
    status: 'fail',
    text: `${one.dir}/golden/frames.u8.gz cannot be read`,
    remedy: IMPORT_AGAIN,
  });
  one.remove();
});

test('a package without golden frames is warned about', async () => {
  const tiny = new TinyPackage('tiny');
  const { status, findings } = await verify(tiny.dir);
  expect(toStatuses(findings)).toEqual(['model ok', 'provider ok', 'golden warn', 'scores ok', 'scores ok']);
  expect(findings[2]!.remedy).toBe(
    `add golden/golden.json and golden/frames.u8.gz: ${process.cwd()}/docs/own-model.md says what they hold`,
  );
  expect(findings[4]!.text).toBe('the same bits alone and in batches of 4, whatever shares the batch');
  expect(status).toBe(0);
  tiny.remove();
});

test('scores that depend on what shares the batch, and scores that are no probabilities, are faults', async () => {
  const crowded = new TinyPackage('crowded');
  const logits = new TinyPackage('logits');
  expect(toStatuses((await verify(crowded.dir)).findings)).toContain('scores fail');
  const { status, findings } = await verify(logits.dir);
  expect(findings[3]).toMatchObject({
    status: 'fail',
    text: expect.stringMatching(/^-\d.* is no probability$/),
  });
  expect(status).toBe(1);
  crowded.remove();
  logits.remove();
});

test('a model that does not fit its manifest, a changed file and a folder without a package are faults, one line each', async () => {
  const floats = new TinyPackage('floats');
  const { status, findings } = await verify(floats.dir);
  expect(status).toBe(2);
  expect(findings.at(-1)).toMatchObject({
    name: 'provider',
    status: 'fail',
    text: expect.stringContaining('float32 [N,8,8,3], but the manifest'),
  });
  writeFileSync(`${floats.dir}/model.onnx`, 'another');
  expect(await verify(floats.dir)).toMatchObject({
    status: 2,
    findings: [
      {
        status: 'fail',
        text: expect.stringContaining('is not the model of its manifest'),
        remedy: 'get the whole package again, or name another in its place',
      },
    ],
  });
  floats.remove();
});

test('a folder without a package cannot be used; what to do is said without flags that there are not', async () => {
  const sentence = `no model package in ${folder.path}: manifest.json does not exist; name the folder of a model package in its place\n`;
  for (const [action, stdout, stderr] of [
    ['verify', `fail  model     ${sentence}`, ''],
    ['inspect', '', `error: ${sentence}`],
    ['bench', '', `error: ${sentence}`],
  ] as const)
    expect(await labelcast(['model', action, folder.path])).toMatchObject({ status: 2, stdout, stderr });
});

test('inspect says what a package says of itself', async () => {
  const text = await labelcast(['model', 'inspect']);
  expect(text).toMatchObject({ status: 0, stderr: '' });
  expect(text.stdout).toMatch(/^name {8}sgfn-nano-coco80 1\.2\.0$/m);
  expect(text.stdout).toMatch(/^labels {6}80: person, bicycle, /m);
  const { stdout } = await labelcast(['model', 'inspect', SHIPPED, '--json']);
  const manifest = JSON.parse(readFileSync(`${SHIPPED}/manifest.json`, 'utf8')) as object;
  expect(JSON.parse(stdout)).toMatchObject({ dir: SHIPPED, bytes: 6_354_229, manifest });
});

test('inspect names 20 labels, and four digits of a metric; --json has all', async () => {
  const tiny = new TinyPackage('tiny');
  const file = `${tiny.dir}/manifest.json`;
  const labels = Array.from({ length: 1000 }, (_, n) => ({ name: `label ${n + 1}` }));
  const metrics = [
    { name: 'mAP', value: 0.74942, set: 'val', command: 'evaluate' },
    { name: 'pictures', value: 4952, set: 'val', command: 'evaluate' },
  ];
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), labels, metrics }));
  const { status, stdout } = await labelcast(['model', 'inspect', tiny.dir], { env: { LC_ALL: 'C.UTF-8' } });
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^labels {6}1000: label 1, label 2, .*, label 20 … and 980 more \(--json lists all\)$/m,
  );
  expect(stdout).not.toContain('label 21');
  expect(stdout).toMatch(/^metric {6}mAP 0\.7494 on val\nmetric {6}pictures 4952 on val$/m);
  const whole = await labelcast(['model', 'inspect', tiny.dir, '--json']);
  expect(JSON.parse(whole.stdout)).toMatchObject({ manifest: { labels, metrics } });
  tiny.remove();
});

test('inspect and bench refuse what is no package, and an action that there is not', async () => {
  const copy = folder.file('copy');
  cpSync(SHIPPED, copy, { recursive: true });
  writeFileSync(`${copy}/manifest.json`, '{}');
  for (const action of ['inspect', 'bench']) {
    const run = await labelcast(['model', action, copy]);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('does not describe a model');
    expect(run.stderr).toMatch(/^ {2}- metrics: is missing: write a list$/m);
  }
  const verified = await labelcast(['model', 'verify', copy]);
  expect(verified).toMatchObject({ status: 2, stderr: '' });
  expect(verified.stdout.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(
      /^fail {2}model {5}.*manifest\.json does not describe a model; correct the manifest /,
    ),
    '  - schema: is missing: write 1',
  ]);
  const wrong = await labelcast(['model', 'teach']);
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("unknown command 'teach'")]);
});

test('bench measures each batch size beside the first', async () => {
  const tiny = new TinyPackage('tiny');
  const { status, stdout } = await labelcast(['model', 'bench', tiny.dir]);
  expect(stdout).not.toContain('one by one');
  const [title, heading, ...rows] = stdout.trimEnd().split('\n');
  expect(status).toBe(0);
  expect(title).toMatch(/^tiny 1\.0\.0 on cpu, /);
  expect(heading!.trim()).toBe('batch  sessions  frames/s  ms a frame  of the first');
  expect(rows.length).toBeGreaterThanOrEqual(3);
  expect(rows[0]).toMatch(/^ {4}1 {9}1 +\d+\.\d +\d+\.\d +1\.00$/);
  tiny.remove();
});

test('a model whose frames are run one by one has no rows for batches, and is not said to be checked in them', async () => {
  const one = new TinyPackage('foreign-nhwc', { prelude: ONE_PICTURE });
  expect((await verify(one.dir)).findings.at(-1)).toMatchObject({
    status: 'ok',
    text: 'the same bits in any order; frames are run one by one',
  });
  const { status, stdout } = await labelcast(['model', 'bench', one.dir]);
  const [, note, , ...rows] = stdout.trimEnd().split('\n');
  expect(status).toBe(0);
  expect(note).toBe('frames are run one by one: a larger batch makes no difference');
  // a row for one session, and one for as many as a run has
  expect(rows.map((row) => row.trim().split(/ +/)[0])).toEqual(
    availableParallelism() > 1 ? ['1', '1'] : ['1'],
  );
  one.remove();
});
