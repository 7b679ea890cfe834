import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const imports = new Map(sources.map((file) => [file, importsOf(readFileSync(join('src', file), 'utf8'))]));
const dependencies = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies as object);

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

test('the sources are found', () => {
  expect(sources).toContain('pipeline.ts');
});

test.each(dependencies)('%s has exactly one door', (dependency) => {
  const doors = [...imports]
    .filter(([, list]) => list.some((name) => packageOf(name) === dependency))
    .map(([file]) => file);
  const allowed = SHARED[dependency] ?? 1;
  expect(doors.length).toBeGreaterThan(0);
  expect(doors.length > allowed ? doors : []).toEqual([]);
});

/** Declarative libraries, of which every schema or command is a legitimate user. */
const SHARED: Record<string, number> = { zod: 10, commander: 23 };

/** Rooms that talk to Kafka do it through its one door. */
const KAFKA_ROOMS = ['publish', 'consume', 'cli', 'label-sources.ts'];

test.each(['ingest', 'infer', 'publish', 'consume'])('the stage %s imports no other stage', (stage) => {
  const strays = [...imports]
    .filter(([file]) => file.startsWith(`${stage}/`))
    .flatMap(([file, list]) =>
      list.filter((name) => name.startsWith('../')).map((name) => `${file} → ${name}`),
    )
    .filter((line) => !/→ \.\.\/(types|events|errors|redact|kafka-client|config\/\w[\w-]*)\.js$/.test(line));
  expect(strays).toEqual([]);
});

test('kafka-client.ts is the only way to Kafka, for the rooms that need one', () => {
  const users = [...imports].filter(([, list]) => list.some((name) => name.endsWith('/kafka-client.js')));
  const strangers = users.map(([file]) => file).filter((file) => !KAFKA_ROOMS.includes(file.split('/')[0]!));
  const others = [...imports].filter(
    ([file, list]) => file.includes('/') && list.some((name) => /\.\.\/kafka-(?!client)/.test(name)),
  );
  expect([...strangers, ...others]).toEqual([]);
  expect(imports.get('kafka-client.ts')).toContain('kafkajs');
});

test('the data flow imports interfaces and errors only', () => {
  expect(imports.get('pipeline.ts')).toEqual(['./errors.js', './types.js']);
});

test('only the command line prints', () => {
  const printers = sources.filter(
    (file) =>
      !file.startsWith('cli/') &&
      /console\.|process\.(stdout|stderr)\.write/.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(printers).toEqual([]);
});
