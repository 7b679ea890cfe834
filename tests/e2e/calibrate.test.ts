import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast } from './labelcast.js';
import { onTerminal } from './terminal.js';

const folder = createFolder();
const TIMES = 4;
let clip: string;

/** The demo clip four times over, and its truth. */
beforeAll(() => {
  clip = folder.file('gate.mp4');
  ffmpeg('-stream_loop', String(TIMES - 1), '-i', DEMO_CLIP, '-c', 'copy', clip);
  const { durationMs, segments, optional } = JSON.parse(readFileSync('demo/truth.json', 'utf8'));
  const again = (list: readonly { startMs: number; endMs: number }[]) =>
    Array.from({ length: TIMES }, (_, n) =>
      list.map((one) => ({
        ...one,
        startMs: one.startMs + n * durationMs,
        endMs: one.endMs + n * durationMs,
      })),
    ).flat();
  const truth = { durationMs: TIMES * durationMs, segments: again(segments), optional: again(optional) };
  writeFileSync(folder.file('gate.truth.json'), JSON.stringify(truth));
});
afterAll(() => folder.remove());

/** Settings with which labels come late and go at once. */
function putConfig(name: string): string {
  const file = folder.file(name);
  writeFileSync(
    file,
    'streams:\n  - { id: gate, url: "rtsp://gate.invalid/s" } # by the gate\nsmoothing:\n  minOnMs: 2400 # slow\n',
  );
  return file;
}

async function f1Of(config: string): Promise<number> {
  const { stdout } = await labelcast(['eval', clip, '-c', config, '--json']);
  return (JSON.parse(stdout) as { all: { segments: { f1: { at25: number } } } }).all.segments.f1.at25;
}

test('settings that miss segments are mended in their configuration, as is told before and measured after', async () => {
  const config = putConfig('gate.yaml');
  const before = await f1Of(config);
  const run = await labelcast([
    'model',
    'calibrate',
    clip,
    '-c',
    config,
    '--write',
    config,
    '--budget',
    '60',
  ]);
  expect(run.stderr).toMatch(/^1 clip, 1 min 16 s, 28 true segments in 8 parts\. /);
  expect(run.stderr).toMatch(/expected gain: \+\d+\.\d points of F1@25 \(95 % between \+/);
  expect(run.stderr).toMatch(/^minOnMs 2400 → \d+$/m);
  expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 0, stdout: '' });
  const text = readFileSync(config, 'utf8');
  expect(text).toMatch(/^ {2}- \{ id: gate, url: "rtsp:\/\/gate.invalid\/s" \} # by the gate$/m);
  expect(text).toMatch(/^ {2}minOnMs: \d+ # slow$/m);
  expect(await f1Of(config)).toBeGreaterThan(before + 0.1);
});

test('without a place the settings are printed, for a program too', async () => {
  const config = putConfig('printed.yaml');
  const args = ['model', 'calibrate', clip, '-c', config, '--budget', '40', '--labels', 'cat,cup,bowl'];
  const [yaml, json] = await Promise.all([labelcast(args), labelcast([...args, '--json'])]);
  expect(yaml.stdout).toMatch(/^smoothing:\n/);
  const made = JSON.parse(json.stdout) as Record<string, never>;
  expect(made).toMatchObject({
    folds: 8,
    expected: [{ choice: 'kept' }, { choice: 'common' }, { choice: 'own' }],
  });
  writeFileSync(folder.file('again.yaml'), yaml.stdout);
  expect(await f1Of(folder.file('again.yaml'))).toBeGreaterThan(0.5);
});

test('the defaults of a model package are written to its manifest, which stays one', async () => {
  const place = folder.file('model');
  cpSync('model/sgfn-nano-coco80', place, { recursive: true });
  const manifest = JSON.parse(readFileSync(`${place}/manifest.json`, 'utf8'));
  manifest.smoothing.minOnMs = 2400;
  writeFileSync(`${place}/manifest.json`, JSON.stringify(manifest));
  const run = await labelcast([
    'model',
    'calibrate',
    clip,
    '--model',
    place,
    '--write',
    place,
    '--budget',
    '40',
  ]);
  expect(run.status).toBe(0);
  const after = JSON.parse(readFileSync(`${place}/manifest.json`, 'utf8'));
  expect(after.smoothing.minOnMs).toBeLessThan(2400);
  expect({ ...after, smoothing: null, labels: null }).toEqual({ ...manifest, smoothing: null, labels: null });
  const verified = await labelcast(['model', 'verify', place]);
  expect(verified.status).toBe(0);
});

test('the table is no wider than the terminal', async () => {
  const config = putConfig('narrow.yaml');
  const command = `labelcast model calibrate ${clip} -c ${config} --budget 10 --labels cat,cup > ${folder.file('out')}`;
  const run = await onTerminal(command, { columns: 50, env: { NO_COLOR: '1' } });
  expect(run.status).toBe(0);
  expect(run.lines.join('\n')).toContain('as configured');
  for (const line of run.lines) expect(line.length).toBeLessThanOrEqual(50);
});

test('photos give thresholds, and one that cannot be read is said and left out', async () => {
  const photos = folder.file('photos');
  mkdirSync(photos);
  ffmpeg('-i', DEMO_CLIP, '-vf', 'fps=3', `${photos}/%02d.jpg`);
  const { segments } = JSON.parse(readFileSync('demo/truth.json', 'utf8')) as {
    segments: { label: string; startMs: number; endMs: number }[];
  };
  const rows = Array.from({ length: 57 }, (_, n) => {
    const ms = ((n + 0.5) * 1000) / 3;
    const labels = segments
      .filter(({ startMs, endMs }) => startMs <= ms && ms < endMs)
      .map(({ label }) => label);
    return `${String(n + 1).padStart(2, '0')}.jpg,${labels.join(';')}`;
  });
  writeFileSync(`${photos}/broken.jpg`, 'no picture');
  writeFileSync(`${photos}/labels.csv`, ['file,labels', ...rows, 'broken.jpg,cat'].join('\n'));
  const config = folder.file('blind.yaml');
  writeFileSync(config, 'smoothing: { enter: 0.99, exit: 0.98 }\n');
  const run = await labelcast(['model', 'calibrate', '--photos', `${photos}/labels.csv`, '-c', config]);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/^error: .*broken\.jpg/m);
  expect(run.stderr).toMatch(/^57 photos with \d+ labels\. /m);
  expect(run.stdout).toMatch(/^ {4}cat: \{ enter: 0\.[0-8]\d*, exit: 0\.\d+ \}$/m);
});

test.each([
  [
    ['CLIP', '--write', 'settings.txt'],
    'error: settings.txt is no place for settings; name a configuration file',
  ],
  [[], 'error: there is nothing to calibrate on; name labelled clips'],
  [['CLIP', '--photos', 'a.csv'], 'error: --photos is in place of clips and --truth; leave out one'],
  [['--photos', 'nowhere.csv'], 'error: nowhere.csv cannot be read; check the path'],
  [['CLIP', '--budget', '0'], "error: option '--budget <n>' argument '0' is invalid"],
  [[DEMO_CLIP, '--truth', 'demo/truth.json'], 'error: there is too little to calibrate on; label more'],
])('%j is refused with exit status 2', async (args, message) => {
  const run = await labelcast(['model', 'calibrate', ...args.map((arg) => (arg === 'CLIP' ? clip : arg))]);
  expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 2, stdout: '' });
  expect(run.stderr).toContain(message);
});

test('settings go only where those in force come from, which is seen before anything is tagged', async () => {
  const config = putConfig('other.yaml');
  const place = folder.file('plain');
  cpSync('model/sgfn-nano-coco80', place, { recursive: true });
  const runs = await Promise.all([
    labelcast(['model', 'calibrate', clip, '--write', config]),
    labelcast(['model', 'calibrate', clip, '-c', config, '--write', folder.file('new.yaml')]),
    labelcast(['model', 'calibrate', clip, '-c', config, '--model', place, '--write', place]),
  ]);
  expect(runs.map(({ status }) => status)).toEqual([2, 2, 2]);
  expect(runs[0]!.stderr).toBe(
    `error: ${config} is not the configuration that is calibrated; calibrate it with -c ${config}\n`,
  );
  expect(runs[1]!.stderr).toContain('name the same file with -c and --write');
  expect(runs[2]!.stderr).toContain('without a configuration that changes smoothing');
});

test('a package of another model is refused before anything is tagged', async () => {
  const place = folder.file('other');
  cpSync('model/sgfn-nano-coco80', place, { recursive: true });
  copyFileSync('package.json', folder.file('other/model.onnx'));
  const run = await labelcast(['model', 'calibrate', clip, '--write', place]);
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/^error: .*other/);
});
