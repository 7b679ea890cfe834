import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConfig } from '../../../src/config/read-config.js';
import { ConfigError } from '../../../src/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function yaml(text: string): string {
  const file = join(folder, 'labelcast.yaml');
  writeFileSync(file, text);
  return file;
}

function problems(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('the config was accepted');
}

test('without a file every key has its default', () => {
  expect(readConfig(null, {})).toEqual({
    deployment: 'default',
    model: { device: 'auto' },
    sampling: {},
    batching: { maxSize: 16, maxDelayMs: 40 },
    smoothing: { labels: {}, resumeToleranceMs: 15_000 },
    journal: {},
    sinks: [],
    http: { host: '127.0.0.1', port: 8080 },
    streams: [],
    ffmpeg: {},
    files: {},
  });
});

test('every problem is listed with its path, unknown keys included', () => {
  const file = yaml('sampling: { fps: fast, rate: 3 }\nbatching: { maxSize: 0 }\ncolour: red\n');
  const lines = problems(() => readConfig(file, {}));
  expect(lines.some((line) => line.startsWith('sampling.fps: '))).toBe(true);
  expect(lines.some((line) => line.startsWith('batching.maxSize: '))).toBe(true);
  expect(lines).toContain('sampling.rate: unknown key');
  expect(lines).toContain('colour: unknown key');
});

test('an exit threshold above enter is refused with its label', () => {
  const file = yaml('smoothing: { labels: { dog: { enter: 0.4, exit: 0.6 } } }');
  expect(problems(() => readConfig(file, {}))).toEqual([
    'smoothing.labels.dog.exit: exit must be below enter',
  ]);
});

test('a variable overrides the file and is turned into a number', () => {
  const file = yaml('sampling: { fps: 5 }');
  const config = readConfig(file, {
    LABELCAST_SAMPLING_FPS: '2',
    LABELCAST_SMOOTHING_HALF_LIFE_MS: '800',
    LABELCAST_DEPLOYMENT: 'north',
  });
  expect([config.sampling.fps, config.smoothing.halfLifeMs, config.deployment]).toEqual([2, 800, 'north']);
});

test('secrets come from variables and files, and a missing one is named', () => {
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'hush\n');
  const file = yaml(`model: { path: "\${MODEL_DIR}/\${file:${secret}}" }`);
  expect(readConfig(file, { MODEL_DIR: '/models' }).model.path).toBe('/models/hush');
  expect(problems(() => readConfig(file, {}))).toEqual([
    'model.path: ${MODEL_DIR} is not set or cannot be read',
  ]);
});

test('text that is not YAML is refused with the line', () => {
  expect(problems(() => readConfig(yaml('a: [1,'), {}))[0]).toMatch(/line 1/);
});

test('a missing file is an error that names it', () => {
  expect(() => readConfig(join(folder, 'none.yaml'), {})).toThrow(/none\.yaml cannot be read/);
});

test('a bad variable is named itself, and an empty one counts as not set', () => {
  const lines = problems(() =>
    readConfig(null, { LABELCAST_SAMPLING_FPS: 'fast', LABELCAST_BATCHING_MAX_SIZE: '' }),
  );
  expect(lines.map((line) => line.split(':')[0])).toEqual(['LABELCAST_SAMPLING_FPS']);
});
