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

test('an address that others can reach needs a token', () => {
  for (const host of ['0.0.0.0', '::', '10.0.0.7', '127.example.org', '1::1', '::ffff:127.0.0.1']) {
    const file = yaml(`http: { host: "${host}" }`);
    expect(problems(() => readConfig(file, {}))).toEqual([
      'http.token: is needed where others can connect; set one, or http.host to 127.0.0.1',
    ]);
    expect(readConfig(file, { LABELCAST_HTTP_TOKEN: 'a.b-c' }).http.token).toBe('a.b-c');
  }
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '0:0:0:0:0:0:0:1'])
    expect(readConfig(yaml(`http: { host: "${host}" }`), {}).http.token).toBeUndefined();
});

test('a token of digits stays a text, and one that cannot be sent is refused without being shown', () => {
  expect(readConfig(null, { LABELCAST_HTTP_TOKEN: '0123' }).http.token).toBe('0123');
  const lines = problems(() => readConfig(yaml('http: { token: "two words" }'), {}));
  expect(lines).toEqual(['http.token: use letters, digits and -._~+/, without spaces']);
});

test('two streams with one id are named', () => {
  const streams = ['a', 'b', 'a'].map((id) => `  - { id: ${id}, url: "rtsp://h/1" }`);
  expect(problems(() => readConfig(yaml(`streams:\n${streams.join('\n')}`), {}))).toEqual([
    'streams.2.id: a is the id of streams.0 too; give each its own',
  ]);
});

test('the address of a camera whose password is not encoded is refused without being shown', () => {
  const file = yaml('streams: [{ id: a, url: "rtsp://op:p@ss#1@127.0.0.1/cam" }]');
  const [line, ...others] = problems(() => readConfig(file, {}));
  expect(others).toEqual([]);
  expect(line).toMatch(/^streams\.0\.url: the user or password .* write %40, %23, %2F/);
  expect(line).not.toMatch(/p@|ss#/);
});
