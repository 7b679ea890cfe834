import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/read-config.js';

interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes: readonly { readonly type: string; readonly source: string }[];
}

const dockerfile = readFileSync('deploy/Dockerfile', 'utf8').replaceAll('\\\n', ' ');
const compose = readCompose();
const config = readConfig('deploy/labelcast.yaml', compose.services['labelcast']!.environment);

function readCompose(): { readonly services: Readonly<Record<string, Service>>; readonly volumes: object } {
  const args = ['-f', 'deploy/compose.yaml', 'config', '--format', 'json'];
  const { status, stdout, stderr } = spawnSync('.cache/compose/compose/docker-compose', args, {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`compose config: ${stderr}`);
  return JSON.parse(stdout) as ReturnType<typeof readCompose>;
}

/** What the instruction brings from the repository into the image. */
function copiedPaths(): string[] {
  const copies = dockerfile.split('\n').filter((line) => /^COPY (?!--from)/.test(line));
  return copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
}

test('hadolint has nothing against the Dockerfile', () => {
  const { status, stdout, stderr } = spawnSync('.cache/hadolint/bin/hadolint', ['deploy/Dockerfile'], {
    encoding: 'utf8',
  });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test('all that the Dockerfile copies exists and is sent to the engine, and nothing else is', () => {
  expect(copiedPaths().filter((path) => !existsSync(path))).toEqual([]);
  const [first, ...sent] = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(sent.sort()).toEqual([...new Set(copiedPaths().map((path) => `!${path}`))].sort());
});

test('the image holds what package.json publishes and what the code reads at run time', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
  const copies = [...dockerfile.matchAll(/^COPY (?:--from=build )?(.+) \S+$/gm)].flatMap(([, paths]) =>
    paths!.split(/\s+/).map((path) => path.replace(/^\/app\//, '')),
  );
  const published = files.filter((path) => !path.startsWith('!')).map((path) => path.split('/*')[0]!);
  const isCopied = (path: string) => copies.some((copy) => path === copy || path.startsWith(`${copy}/`));
  expect([...published, 'package.json'].filter((path) => !isCopied(path))).toEqual([]);
});

test('the image runs as a user that is not root, under an init, with a health check of its readiness', () => {
  expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(dockerfile).toMatch(/^ENTRYPOINT \["tini", "--", "labelcast"\]$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*\/readyz/m);
});

test('compose starts the whole scene, each part with a health check and its ports on the loopback address', () => {
  const { labelcast, ...others } = compose.services;
  expect(Object.keys(others).sort()).toEqual(['camera', 'grafana', 'kafka', 'prometheus']);
  for (const service of Object.values(others)) expect(service.healthcheck?.test).toBeDefined();
  const ports = [labelcast!, ...Object.values(others)].flatMap((service) => service.ports);
  expect(ports.map(({ published }) => published).sort()).toEqual(['3000', '8080', '8554', '9090', '9092']);
  expect([...new Set(ports.map(({ host_ip }) => host_ip))]).toEqual(['127.0.0.1']);
});

test('every file that compose mounts exists, every volume is named', () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes }) => volumes);
  const bound = mounts.filter(({ type }) => type === 'bind').map(({ source }) => source);
  expect(bound.filter((path) => !existsSync(path))).toEqual([]);
  expect(bound).toContain(join(process.cwd(), 'demo/demo.mp4'));
  const named = mounts.filter(({ type }) => type === 'volume').map(({ source }) => source);
  expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
});

test('the broker of compose is of the version that the tests run', () => {
  const pom = readFileSync('tests/services/kafka/pom.xml', 'utf8');
  const tested = /<kafka\.version>([^<]+)/.exec(pom)?.[1];
  expect(compose.services.kafka?.image).toBe(`apache/kafka:${tested}`);
});

test('Prometheus sends the token that labelcast asks for', () => {
  const { scrape_configs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')) as {
    scrape_configs: { authorization: { credentials: string } }[];
  };
  expect(scrape_configs.map(({ authorization }) => authorization.credentials)).toEqual([config.http.token]);
});

test('labelcast.yaml is valid and speaks of the services of compose', () => {
  expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8080 });
  const hosts = [
    ...config.streams.map(({ url }) => new URL(url).hostname),
    ...config.sinks.flatMap(({ kafka }) => kafka?.brokers.map((broker) => broker.split(':')[0]!) ?? []),
  ];
  expect(hosts).toEqual(['camera', 'kafka']);
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(hosts));
  expect(config.journal.path).toMatch(/^\/data\//);
});
