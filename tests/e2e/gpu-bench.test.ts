import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bar } from '../../bench/gpu/bars.js';
import type { Results } from '../../bench/gpu/results.js';
import { TinyPackage } from '../integration/infer/tiny-package.js';

const scratch = mkdtempSync(join(tmpdir(), 'labelcast-gpu-test-'));
const models = join(scratch, 'models');
const out = join(scratch, 'out');

beforeAll(() => {
  const tiny = new TinyPackage('tiny');
  mkdirSync(models);
  // one file as both precisions: whatever differs is the doing of the benchmark
  for (const precision of ['fp32', 'fp16'])
    cpSync(tiny.dir, join(models, `tiny.${precision}`), { recursive: true });
  tiny.remove();
});
afterAll(() => rmSync(scratch, { recursive: true }));

function bench(...flags: readonly string[]) {
  const args = ['dist/bench/gpu.js', '--models', models, '--clips', 'demo', '--out', out, ...flags];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

test('on a machine without a GPU it measures the CPU and says in words what it could not run', () => {
  const { status, stdout, stderr } = bench(
    '--only',
    'ort,scores',
    '--devices',
    'cuda,cpu',
    '--longest',
    '0.1',
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${join(out, 'results.md')}\n` });
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as Results & { bars: Bar[] };
  expect(results.steps.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    'ort: done',
    'scores: done',
    'inference: not run',
    'decode: not run',
    'files: not run',
    'live: not run',
  ]);
  const measured = results.ort.map(({ precision, device, batch }) => `${precision} ${device} ${batch}`);
  const batches = [1, 2, 4, 8, 16, 32, 64];
  expect(measured).toEqual(['fp16', 'fp32'].flatMap((one) => batches.map((batch) => `${one} cpu ${batch}`)));
  for (const { framesPerSecond, batchMs, batch } of results.ort)
    expect(framesPerSecond).toBeCloseTo((batch / batchMs) * 1000, 3);
  expect(results.scores).toMatchObject([
    { model: 'tiny', precision: 'fp16', device: 'cpu', frames: 12, maxDifference: 0, f1At50: 1 },
  ]);
  expect(results.scores[0]!.segments).toBeGreaterThan(0);
  expect(results.notRun.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['ort: tiny fp32 on cuda', 'scores: tiny fp16 on cuda', 'inference', 'live']),
  );
  expect(results.notRun.filter(({ reason }) => reason === '')).toEqual([]);
  expect([...new Set(results.bars.map(({ verdict }) => verdict))]).toEqual(['not measured']);
  expect(readFileSync(join(out, 'results.md'), 'utf8')).toContain('| tiny | fp32 | cpu | 64 |');
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each([
  [
    ['--only', 'ort,all'],
    /error: --only takes of ort,scores,inference,decode,files,live, not all; there is\n/,
  ],
  [['--budget', '0'], /error: --budget is a number above 0, not 0; there is\n/],
  [['--models', scratch], /error: .* holds no model package; name a folder of packages with --models\n/],
  [['--clips', scratch], /error: .* holds no clip; name a folder of videos with --clips\n/],
  [['--ffmpeg', '/nowhere'], /error: .*\/nowhere cannot be run as ffmpeg; /],
  [['--nonsense'], /error: Unknown option '--nonsense'/],
])('%j is refused with one clear error and status 2', (flags, message) => {
  const { status, stdout, stderr } = bench(...flags);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
