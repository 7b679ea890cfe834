import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConfig, readKafkaConfig } from '../../../src/config/read-config.js';
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
    model: { device: 'auto', precision: 'auto' },
    sampling: { keyframesOnly: false, staticGate: false },
    decoding: { hardware: 'off' },
    batching: { maxSize: 16, maxDelayMs: 40 },
    smoothing: { labels: {}, resumeToleranceMs: 15_000 },
    journal: { retainDays: 14, retainScoresHours: 24 },
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

test('a variable turns on what is true or false, and nothing else is taken for that', () => {
  const read = (value: string) => readConfig(null, { LABELCAST_SAMPLING_KEYFRAMES_ONLY: value });
  expect(['true', 'false', ''].map((value) => read(value).sampling.keyframesOnly)).toEqual([
    true,
    false,
    false,
  ]);
  expect(problems(() => read('yes'))).toEqual([
    'LABELCAST_SAMPLING_KEYFRAMES_ONLY: write true or false, not a text',
  ]);
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

test.each([
  ['streams: { a: 1 }', 'streams: write a list, not keys with values'],
  ['http: []', 'http: write keys with values, not a list'],
  ['http: { port: 70000 }', 'http.port: must be at most 65535'],
  ['http: { host: 3 }', 'http.host: write a text, not a number'],
  ['sampling: { fps: 0 }', 'sampling.fps: must be above 0'],
  ['batching: { maxDelayMs: 1.5 }', 'batching.maxDelayMs: write a whole number'],
  ['model: { device: gpu }', 'model.device: write auto, cpu, cuda or webgpu'],
  ['model: { path: "" }', 'model.path: is empty'],
  ['streams: [{ id: a }]', 'streams.0.url: is missing: write a text'],
  [
    'streams: [{ id: a, url: "rtsp://h/1", tags: { "": x } }]',
    'streams.0.tags.: has a name that is empty or too long',
  ],
  ['sinks: [{ kafka: { brokers: [] } }]', 'sinks.0.kafka.brokers: name at least 1'],
  [
    'sinks: [{ kafka: { brokers: ["a:1"], ssl: sure } }]',
    'sinks.0.kafka.ssl: write true, false, or keys with values: ca, cert, key, passphrase',
  ],
  [
    'sinks: [{ kafka: { brokers: ["a:1"], ssl: { caa: x } } }]',
    'sinks.0.kafka.ssl.caa: unknown key; did you mean ca?',
  ],
  ['sampling: { fsp: 2 }', 'sampling.fsp: unknown key; did you mean fps?'],
  ['steams: []', 'steams: unknown key; did you mean streams?'],
  ['journal.path: x', 'journal.path: unknown key; nest it: journal: { path: … }'],
  [
    'sinks: [{ name: x, ndjson: { path: a } }, { name: x, ndjson: { path: b } }]',
    'sinks.1.name: x is the name of sinks.0 too; give each its own',
  ],
])('%s: what is wrong is said in the words of who wrote it', (text, line) => {
  expect(problems(() => readConfig(yaml(text), {}))).toEqual([line]);
});

test('broker in place of brokers is told with the key that was meant', () => {
  expect(problems(() => readConfig(yaml('sinks: [{ kafka: { broker: ["a:1"] } }]'), {}))).toEqual([
    'sinks.0.kafka.brokers: is missing: write a list',
    'sinks.0.kafka.broker: unknown key; did you mean brokers?',
  ]);
});

test('one problem is it, several are them, and a line of YAML ends where its place is told', () => {
  const remedyOf = (text: string): unknown => {
    try {
      return readConfig(yaml(text), {});
    } catch (error) {
      return (error as ConfigError).remedy;
    }
  };
  expect(remedyOf('colour: red')).toMatch(/^correct it; /);
  expect(remedyOf('colour: red\nsize: 3')).toMatch(/^correct them; /);
  for (const line of problems(() => readConfig(yaml('a: [1,\nb: 2'), {}))) expect(line).not.toMatch(/:$/);
});

test('of a variable that is not set nothing more is said', () => {
  const file = yaml(
    'streams: [{ id: a, url: "${GATE_URL}" }]\nhttp: { token: "${T}" }\nsinks: [{ kafka: { brokers: ["a:1"], ssl: { ca: "${CA}" } } }]',
  );
  expect(problems(() => readConfig(file, {}))).toEqual([
    'streams.0.url: ${GATE_URL} is not set or cannot be read',
    'http.token: ${T} is not set or cannot be read',
    'sinks.0.kafka.ssl.ca: ${CA} is not set or cannot be read',
  ]);
});

test('a reader needs the secrets of the Kafka sink alone', () => {
  const file = yaml(
    'streams: [{ id: a, url: "${GATE_URL}" }]\nsinks: [{ ndjson: { path: "${X}" } }, { kafka: { brokers: ["a:1"], sasl: { mechanism: plain, username: u, password: "${P}" } } }]',
  );
  expect(readKafkaConfig(file, { P: 'hush' })).toMatchObject({
    brokers: ['a:1'],
    sasl: { password: 'hush' },
  });
  expect(problems(() => readKafkaConfig(file, {}))).toEqual([
    'sinks.1.kafka.sasl.password: ${P} is not set or cannot be read',
  ]);
  expect(readKafkaConfig(yaml('sinks: [{ ndjson: { path: a } }]'), {})).toBeNull();
});

test('variables that set nothing are told with what was meant, but for those that the file or others use', () => {
  const told: string[] = [];
  const env = {
    LABELCAST_SAMPLING_FSP: '2',
    LABELCAST_FPS: '2',
    LABELCAST_COLOUR: 'red',
    LABELCAST_TOKEN: 'abc',
    LABELCAST_SERVICE_HOST: '10.0.0.1',
    LABELCAST_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
  };
  readConfig(yaml('http: { token: "${LABELCAST_TOKEN}" }'), env, (message) => told.push(message));
  expect(told).toEqual([
    'the variable LABELCAST_COLOUR sets nothing',
    'the variable LABELCAST_FPS sets nothing; did you mean LABELCAST_SAMPLING_FPS?',
    'the variable LABELCAST_SAMPLING_FSP sets nothing; did you mean LABELCAST_SAMPLING_FPS?',
  ]);
});

test('the example of docs/serve.md is one that can be used', () => {
  const example = /```yaml\n(.*?)```/s.exec(readFileSync('docs/serve.md', 'utf8'))![1]!;
  const env = { METRICS_TOKEN: 'abc', KAFKA_PASSWORD: 'b', CAM_PASSWORD: 'c' };
  const config = readConfig(yaml(example), env);
  expect([config.streams.length, config.sinks.length]).toEqual([2, 2]);
});

test('the device that decodes is a number or a path, from the file and from the environment', () => {
  const file = yaml('decoding: { hardware: cuda, device: 1 }');
  expect(readConfig(file, {}).decoding).toEqual({ hardware: 'cuda', device: 1 });
  const env = { LABELCAST_DECODING_HARDWARE: 'vaapi', LABELCAST_DECODING_DEVICE: '/dev/dri/renderD129' };
  expect(readConfig(null, env).decoding).toEqual({ hardware: 'vaapi', device: '/dev/dri/renderD129' });
});

test('what neither hardware nor a device is, is told', () => {
  const file = yaml('decoding: { hardware: nvdec, device: [1] }');
  expect(problems(() => readConfig(file, {}))).toEqual([
    'decoding.hardware: write off, auto, cuda, vaapi or qsv',
    'decoding.device: write the number of a GPU or a path like /dev/dri/renderD128',
  ]);
});

test('a list of numbers can be set by a variable, with commas or as in YAML', () => {
  for (const text of ['0,1', '[0, 1]', ' 0 , 1 '])
    expect(readConfig(null, { LABELCAST_MODEL_DEVICES: text }).model.devices).toEqual([0, 1]);
  expect(readConfig(null, { LABELCAST_MODEL_DEVICES: '3' }).model.devices).toEqual([3]);
  expect(problems(() => readConfig(null, { LABELCAST_MODEL_DEVICES: 'x' }))).toEqual([
    expect.stringMatching(/^LABELCAST_MODEL_DEVICES/),
  ]);
});

test('where CUDA has its libraries is no setting of the configuration, and no mistake', () => {
  const warned: string[] = [];
  readConfig(null, { LABELCAST_ORT_LIBS: '/opt/ort', LABELCAST_ORT_LIB: '' }, (text) => warned.push(text));
  expect(warned).toEqual([expect.stringContaining('LABELCAST_ORT_LIB sets nothing')]);
});
