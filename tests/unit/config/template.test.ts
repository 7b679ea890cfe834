import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import { toConfigJsonSchema } from '../../../src/config/json-schema.js';
import { readConfig } from '../../../src/config/read-config.js';
import { toConfigTemplate } from '../../../src/config/template.js';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-template-'));
afterAll(() => rmSync(folder, { recursive: true }));

const template = toConfigTemplate('/opt/labelcast/schema.json');
const SECRETS = { CAM_PASSWORD: 'hush', KAFKA_PASSWORD: 'hush', LABELCAST_TOKEN: 'sesame' };

function read(text: string): Config {
  const file = join(folder, 'labelcast.yaml');
  writeFileSync(file, text);
  return readConfig(file, SECRETS);
}

/** Takes away one # of each key that stands behind one, not of what explains it. */
function uncomment(text: string): string {
  return text.replaceAll(/^( *)#(?=-|\w| {2})/gm, '$1');
}

test('as it is, it sets nothing', () => {
  expect(template.split('\n')[0]).toBe('# yaml-language-server: $schema=/opt/labelcast/schema.json');
  expect(read(template)).toEqual(readConfig(null, {}));
});

test('every key stands there, explained, and is valid when its # is taken away', () => {
  const set = read(uncomment(uncomment(template)));
  const keysOf = (schema: ReturnType<typeof toConfigJsonSchema>): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, one]) => [
      key,
      ...keysOf(one),
      ...keysOf(one.items ?? {}),
    ]);
  for (const key of keysOf(toConfigJsonSchema()))
    expect(template).toMatch(new RegExp(`^[ #-]*# \\w.*\\.\n[ #]*${key}:`, 'm'));
  expect(set.streams).toEqual([
    {
      id: 'gate-2',
      url: 'rtsp://user:hush@10.0.0.5/stream1',
      tags: { site: 'north' },
      fps: 2,
    },
  ]);
  expect(set.sinks.map(({ name }) => name)).toEqual(['kafka', 'ndjson']);
  expect(set.sinks[0]!.kafka).toMatchObject({ partitions: 6, sasl: { password: 'hush' } });
  expect(set.http).toEqual({ host: '127.0.0.1', port: 8080, token: 'sesame' });
  expect({ ...set.batching, ...set.smoothing }).toMatchObject({ maxSize: 16, resumeToleranceMs: 15_000 });
});

test('a stream whose outer # are taken away has its id and address, all else its defaults', () => {
  const [above, below] = template.split('\nstreams:\n');
  const config = read(`${above}\nstreams:\n${uncomment(below!.split('\n\n')[0]!)}\n`);
  const [stream] = config.streams;
  expect(stream).toEqual({ id: 'gate-2', url: 'rtsp://user:hush@10.0.0.5/stream1', tags: {} });
  expect({ ...config, streams: [] }).toEqual(readConfig(null, {}));
});
