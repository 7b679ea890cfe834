import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config/read-config.js';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly deploy?: { readonly resources: { readonly reservations: { readonly devices: object[] } } };
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes: readonly { readonly type: string; readonly source: string }[];
}

const DOCKERFILES = ['deploy/Dockerfile', 'deploy/Dockerfile.gpu'] as const;
const compose = readCompose('deploy/compose.yaml');
const config = readConfig('deploy/labelcast.yaml', compose.services['labelcast']!.environment);

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
}

/** What several files together say. */
function readCompose(...files: readonly string[]): Compose {
  const args = [...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'];
  const { status, stdout, stderr } = spawnSync('.cache/compose/compose/docker-compose', args, {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`compose config: ${stderr}`);
  return JSON.parse(stdout) as Compose;
}

/** The instructions, each on one line. */
function readDockerfile(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\\\n', ' ');
}

/** What the instructions bring from the repository into the image. */
function copiedPaths(file: string): string[] {
  const copies = readDockerfile(file)
    .split('\n')
    .filter((line) => /^COPY (?!--from)/.test(line));
  return copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
}

test.each(DOCKERFILES)('hadolint has nothing against %s', (file) => {
  const { status, stdout, stderr } = spawnSync('.cache/hadolint/bin/hadolint', [file], {
    encoding: 'utf8',
  });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test.each(DOCKERFILES)('all that %s copies exists and is sent to the engine, and nothing else is', (file) => {
  const copied = copiedPaths(file);
  expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  const [first, ...sent] = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(sent.sort()).toEqual([...new Set(copied.map((path) => `!${path}`))].sort());
});

test.each(DOCKERFILES)(
  '%s brings what package.json publishes and what the code reads at run time',
  (file) => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    const copies = [...readDockerfile(file).matchAll(/^COPY (?:--from=build )?(.+) \S+$/gm)].flatMap(
      ([, paths]) => paths!.split(/\s+/).map((path) => path.replace(/^\/app\//, '')),
    );
    const published = files.filter((path) => !path.startsWith('!')).map((path) => path.split('/*')[0]!);
    const isCopied = (path: string) => copies.some((copy) => path === copy || path.startsWith(`${copy}/`));
    expect([...published, 'package.json'].filter((path) => !isCopied(path))).toEqual([]);
  },
);

test.each(DOCKERFILES)('%s: a user that is not root, an init, a health check of the readiness', (file) => {
  const dockerfile = readDockerfile(file);
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

test('the images have the same packages of labelcast, and the one for GPUs asserts CUDA', () => {
  const [cpu, gpu] = DOCKERFILES.map((file) => readDockerfile(file));
  const install = /^RUN npm run build .*@ffmpeg-installer .* \+/m;
  expect(install.exec(gpu!)?.[0]).toBe(install.exec(cpu!)?.[0]);
  expect(gpu).toMatch(/^ARG CUDA_IMAGE=nvidia\/cuda:13\.[\d.]+-cudnn-runtime-/m);
  expect(gpu).toMatch(/^RUN for library in \S+\/libonnxruntime_providers_cuda\.so libcudnn\.so\.9;.* ldd /m);
  expect(gpu).toMatch(/LABELCAST_ORT_LIBS=\/opt\/onnxruntime /);
});

test('compose.gpu.yaml gives labelcast a GPU and the image for it, and changes nothing else', () => {
  const withGpu = readCompose('deploy/compose.yaml', 'deploy/compose.gpu.yaml');
  const { labelcast, ...others } = withGpu.services;
  const { labelcast: plain, ...plainOthers } = compose.services;
  expect(others).toEqual(plainOthers);
  expect(labelcast!.build?.dockerfile).toBe('deploy/Dockerfile.gpu');
  expect(labelcast!.deploy?.resources.reservations.devices).toEqual([
    { driver: 'nvidia', count: 1, capabilities: ['gpu'] },
  ]);
  expect(labelcast!.environment).toEqual(plain!.environment);
});

const KUBERNETES = 'deploy/kubernetes/labelcast.yaml';

test("the objects of Kubernetes are what its schemas allow, and no field is Kubernetes' unknown", () => {
  const args = ['-m', 'kubernetes_validate', '--strict', '--quiet', KUBERNETES];
  const env = { ...process.env, PYTHONPATH: '.cache/kubernetes-validate' };
  const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8', env });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test('the deployment has one GPU, one journal, probes that the service answers and a configuration that is valid', () => {
  const objects = parseAllDocuments(readFileSync(KUBERNETES, 'utf8')).map(
    (one) => one.toJS() as KubernetesObject,
  );
  expect(objects.map(({ kind }) => kind)).toEqual([
    'ConfigMap',
    'PersistentVolumeClaim',
    'Deployment',
    'Service',
  ]);
  const { replicas, strategy, template } = objects[2]!.spec!;
  expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
  const [container] = template.spec.containers;
  expect(container!.resources.limits['nvidia.com/gpu']).toBe(1);
  expect(container!.readinessProbe.httpGet.path).toBe('/readyz');
  expect(container!.livenessProbe.httpGet.path).toBe('/healthz');

  const secrets = mkdtempSync(join(tmpdir(), 'labelcast-secrets-'));
  try {
    for (const name of ['token', 'camera-password']) writeFileSync(join(secrets, name), `the-${name}`);
    const text = objects[0]!.data!['labelcast.yaml']!.replaceAll('/run/secrets/labelcast', secrets);
    const file = join(secrets, 'labelcast.yaml');
    writeFileSync(file, text);
    const inCluster = readConfig(file, {});
    expect(inCluster).toMatchObject({
      model: { device: 'cuda' },
      http: { host: '0.0.0.0', token: 'the-token' },
    });
    expect(inCluster.streams[0]!.url).toContain(':the-camera-password@');
    expect(inCluster.journal.path).toMatch(/^\/data\//);
  } finally {
    rmSync(secrets, { recursive: true });
  }
});

interface KubernetesObject {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly replicas: number;
    readonly strategy: object;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly resources: { readonly limits: Readonly<Record<string, unknown>> };
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
}
