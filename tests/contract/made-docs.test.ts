import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { toTyped, withCommands } from '../../src/cli/command-help.js';
import { createProgram } from '../../src/cli/program.js';
import { configSchema } from '../../src/config/config.js';
import { toConfigTemplate } from '../../src/config/template.js';

const schema = JSON.parse(readFileSync('docs/schema/labelcast-config.v1.json', 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** The places of what an editor marks. */
function marksOf(config: unknown): string[] {
  validate(config);
  return [...new Set((validate.errors ?? []).map(({ instancePath }) => instancePath))];
}

test('the committed files are what the code makes: npm run docs', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/made-docs.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test('each command has its manual page, which npm installs and mandoc has nothing to say about', () => {
  const pages = withCommands(createProgram()).map(
    (command) => `./man/${toTyped(command).replaceAll(' ', '-')}.1`,
  );
  const { man } = JSON.parse(readFileSync('package.json', 'utf8')) as { man: readonly string[] };
  expect([...man].sort()).toEqual([...pages].sort());
  const { status, stdout, stderr } = spawnSync('mandoc', ['-Tlint', ...man], { encoding: 'utf8' });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test('a manual page shows what roff might take for its own as it is', () => {
  const { stdout } = spawnSync('mandoc', ['-Tascii', '-Owidth=100', 'man/labelcast-tag.1'], {
    encoding: 'utf8',
  });
  // bold is a letter, a backspace and the letter again
  const text = stdout
    .split('\b')
    .map((part, n, { length }) => (n < length - 1 ? part.slice(0, -1) : part))
    .join('');
  for (const shown of [
    '--give-up-after <time>',
    'json | jq -r \\\n',
    '\'select(.data.phase=="ended").data |',
  ])
    expect(text).toContain(shown);
});

const GATE = { id: 'gate', url: 'rtsp://op:${CAM_PASSWORD}@10.0.0.5/cam' };

test.each<[string, object]>([
  ['nothing', {}],
  ['what init writes', parse(toConfigTemplate('/x.json')) as object],
  ['the configuration of compose', parse(readFileSync('deploy/labelcast.yaml', 'utf8')) as object],
  ['a stream with tags', { streams: [{ ...GATE, tags: { site: 'north' }, fps: 2 }] }],
  ['an address in capitals', { streams: [{ id: 'gate', url: 'RTSP://10.0.0.5/Stream1' }] }],
  ['secrets', { http: { token: '${TOKEN}' }, streams: [{ id: '${ID}', url: '${URL}' }] }],
  [
    'both kinds of sinks',
    { sinks: [{ kafka: { brokers: ['k:9092'], ssl: true } }, { ndjson: { path: 'e' } }] },
  ],
  [
    'certificates',
    { sinks: [{ kafka: { brokers: ['k:9092'], ssl: { ca: '${file:/ca.pem}' }, sasl: null } }] },
  ],
  [
    'variables for words',
    { model: { device: '${DEV}' }, sinks: [{ from: '${FROM}', ndjson: { path: 'e' } }] },
  ],
  [
    'a variable whose name is longer than a tag',
    { streams: [{ ...GATE, tags: { site: `\${${'A'.repeat(70)}}` } }] },
  ],
  ['thresholds', { smoothing: { enter: 0.5, exit: 0.4, labels: { person: { enter: 0.6 } } } }],
])('an editor marks nothing in %s', (_, config) => {
  expect(marksOf(config)).toEqual([]);
});

test.each<[string, object, string]>([
  ['an unknown section', { stream: [] }, ''],
  ['an unknown key', { sampling: { Fps: 2 } }, '/sampling'],
  ['a text for a number', { batching: { maxSize: 'many' } }, '/batching/maxSize'],
  ['a number out of range', { http: { port: 70_000 } }, '/http/port'],
  ['a device there is not', { model: { device: 'tpu' } }, '/model/device'],
  ['a file as a stream', { streams: [{ id: 'gate', url: '/clips/a.mp4' }] }, '/streams/0/url'],
  ['a stream without an address', { streams: [{ id: 'gate' }] }, '/streams/0'],
  ['a sink that leads nowhere', { sinks: [{ name: 'main' }] }, '/sinks/0'],
  ['a broker without a port', { sinks: [{ kafka: { brokers: ['k'] } }] }, '/sinks/0/kafka/brokers/0'],
])('an editor marks %s, which labelcast refuses too', (_, config, place) => {
  expect(marksOf(config)).toContain(place);
  expect(configSchema.safeParse(config).success).toBe(false);
});
