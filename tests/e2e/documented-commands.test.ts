import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toTyped, withCommands } from '../../src/cli/command-help.js';
import { createProgram } from '../../src/cli/program.js';
import { readConfig } from '../../src/config/read-config.js';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { openRtspServer, type RtspServer } from '../services/rtsp.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { DOCUMENTS, readBlocks, readCommands, readOptions } from './documents.js';
import { labelcast } from './labelcast.js';

/** What cannot run inside a test, and what stands in for it. */
const ELSEWHERE = [
  /^npm run demo$/, // by who tries it; the clip it tags is that of tests/e2e/tag
  /^npm test$/, // this
  /^npm ci && npm run build && npm pack$|^(?:ONNXRUNTIME_NODE_INSTALL=skip )?npm install /, // tests/e2e/package
  /^node examples\/|^python3 -m venv|^\.venv\/bin\/python examples\/|duckdb < /, // tests/e2e/examples
  /^docker |^kubectl /, // no engine and no cluster: tests/contract/deploy checks files, services and objects
  /^pip install .*onnxruntime-gpu|^export LABELCAST_ORT_LIBS=| --device cuda\b/, // no GPU, and 2 GB: tests/integration/infer
  /^model\/setup\.sh$|^npm run bench(:| gpu )|^sh gpu-bench\.pieces/, // tests/e2e/gpu-bench, tests/unit/bench/gpu-pieces
  /^sudo |^journalctl /, // the installation of a service on a machine
];
/** They go on until they are interrupted: by what is it seen that they work? */
const ENDLESS: readonly (readonly [RegExp, (output: string) => boolean])[] = [
  [/labelcast serve -c \S+$/, (output) => output.includes('online')],
  [/labelcast consume --kafka (?!.*--(?:until-end|state))/, (output) => output.split('\n').length > 1],
];

const folder = createFolder();
let kafka: KafkaCluster;
let camera: RtspServer;

beforeAll(async () => {
  mkdirSync(folder.file('archive/2025'), { recursive: true });
  mkdirSync(folder.file('node_modules/.bin'), { recursive: true });
  const main = `#!/bin/sh\nexec '${process.execPath}' '${process.cwd()}/dist/src/cli/main.js' "$@"\n`;
  writeFileSync(folder.file('node_modules/.bin/labelcast'), main, { mode: 0o755 });
  symlinkSync(`${process.cwd()}/model`, folder.file('model'));
  copyFileSync(DEMO_CLIP, folder.file('clip.mp4'));
  copyFileSync('demo/truth.json', folder.file('clip.truth.json'));
  copyFileSync('tests/fixtures/models/foreign.onnx', folder.file('gates.onnx'));
  writeFileSync(folder.file('gates.txt'), 'gate open\ngate closed\ntruck\n');
  copyFileSync(DEMO_CLIP, folder.file('archive/2025/a whole one.mp4'));
  ffmpeg('-i', DEMO_CLIP, '-t', '4', '-c', 'copy', folder.file('archive/short.mp4'));
  ffmpeg('-stream_loop', '20', '-i', DEMO_CLIP, '-c', 'copy', folder.file('camera.mp4'));
  layLabelled();
  kafka = await startKafka();
  camera = await openRtspServer({
    mounts: { '/stream1': folder.file('camera.mp4') },
    user: 'user',
    password: 'password',
  });
  const config = {
    journal: { path: folder.file('labelcast.db') },
    http: { port: 0 },
    sinks: [{ name: 'main', kafka: { brokers: kafka.bootstrap } }],
    streams: [{ id: 'gate-2', url: camera.url('/stream1'), fps: 2 }],
  };
  writeFileSync(folder.file('labelcast.yaml'), JSON.stringify(config)); // JSON is YAML
  await run('labelcast tag archive/ -o tagged');
});
afterAll(async () => {
  await Promise.all([kafka?.stop(), camera?.[Symbol.asyncDispose]()]);
  folder.remove();
});

/** What docs/calibrate.md and docs/steady-labels.md go by: labelled recordings and photos, a package of one's own. */
function layLabelled(): void {
  mkdirSync(folder.file('demo'));
  copyFileSync(DEMO_CLIP, folder.file('demo/demo.mp4'));
  cpSync('model/sgfn-nano-coco80', folder.file('my-model'), { recursive: true });
  ffmpeg('-stream_loop', '3', '-i', DEMO_CLIP, '-c', 'copy', folder.file('gate-2.mp4'));
  const { durationMs, segments } = JSON.parse(readFileSync('demo/truth.json', 'utf8')) as {
    durationMs: number;
    segments: { label: string; startMs: number; endMs: number }[];
  };
  const rows = [0, 1, 2, 3].flatMap((n) =>
    segments.map(({ label, startMs, endMs }) =>
      [(startMs + n * durationMs) / 1000, (endMs + n * durationMs) / 1000, label].join(','),
    ),
  );
  const truth = `start,end,label\n${rows.join('\n')}\n`;
  writeFileSync(folder.file('gate-2.csv'), truth);
  mkdirSync(folder.file('labelled'));
  copyFileSync(folder.file('gate-2.mp4'), folder.file('labelled/one.mp4'));
  writeFileSync(folder.file('labelled/one.truth.csv'), truth);
  mkdirSync(folder.file('photos'));
  ffmpeg('-i', DEMO_CLIP, '-vf', 'fps=6', folder.file('photos/%03d.jpg'));
  const photos = Array.from({ length: 114 }, (_, n) => {
    const ms = ((n + 0.5) * 1000) / 6;
    const there = segments.filter(({ startMs, endMs }) => startMs <= ms && ms < endMs);
    return `photos/${String(n + 1).padStart(3, '0')}.jpg,${there.map(({ label }) => label).join(';')}`;
  });
  writeFileSync(folder.file('photos.csv'), ['file,labels', ...photos].join('\n'));
}

/** The addresses of the documents are those of this scene, and minutes are seconds; the longer ones begin before the first picture has come. */
function toScene(command: string): string {
  return command
    .replaceAll('rtsp://user:password@10.0.0.5/stream1', camera.url('/stream1'))
    .replaceAll('localhost:9092', kafka.bootstrap.join(','))
    .replace('--duration 10m', '--duration 20')
    .replace('-t 60 ', '-t 4 ');
}

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** The status that a shell would show. */
  readonly ended: Promise<number>;
}

function start(command: string): Running {
  const PATH = `${folder.file('node_modules/.bin')}:${process.env['PATH']}`;
  const child = spawn('bash', ['-o', 'pipefail', '-c', command], {
    cwd: folder.path,
    env: { ...process.env, PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that an interruption reaches all of it, as from a terminal
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number>((resolve) => {
    child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal!]));
  });
  return { child, output: () => output, ended };
}

async function run(command: string): Promise<{ status: number; output: string }> {
  const { ended, output } = start(toScene(command));
  return { status: await ended, output: output() };
}

/** Lets it go on until it is seen to work, then interrupts it. */
async function runUntil(command: string, works: (output: string) => boolean) {
  const { child, ended, output } = start(toScene(command));
  try {
    await until(`${command} shows that it works`, async () => {
      if (!works(output())) await run('labelcast tag archive/short.mp4 --kafka localhost:9092');
      return works(output()) || child.exitCode !== null;
    });
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGINT');
  }
  return { status: await ended, output: output() };
}

for (const { document, command } of readCommands()) {
  if (ELSEWHERE.some((pattern) => pattern.test(command))) continue;
  const endless = ENDLESS.find(([pattern]) => pattern.test(command));
  test(`${document}: ${command}`, async () => {
    const ended = endless === undefined ? await run(command) : await runUntil(command, endless[1]);
    expect(ended).toEqual({ status: endless === undefined ? 0 : 130, output: ended.output });
    expect(ended.output).not.toMatch(/^ {4}at /m);
  });
}

test('every configuration that a document shows can be used', () => {
  const env = { CAM_PASSWORD: 'a', KAFKA_PASSWORD: 'b', METRICS_TOKEN: 'c' };
  const file = folder.file('shown.yaml');
  const shown = DOCUMENTS.flatMap((document) => readBlocks(document, 'yaml'));
  expect(shown.length).toBeGreaterThan(3);
  for (const text of shown) {
    writeFileSync(file, text.replaceAll(/\$\{file:[^}]*\}/g, 'PEM'));
    expect(readConfig(file, env)).toMatchObject({ deployment: expect.any(String) });
  }
});

test('every option that a document names is one', async () => {
  const commands = withCommands(createProgram()).map((command) => toTyped(command).split(' ').slice(1));
  const helps = await Promise.all(commands.map((command) => labelcast([...command, '--help'])));
  const known = new Set(helps.flatMap(({ stdout }) => stdout.match(/--[a-z][a-z-]*/g) ?? []));
  const kafkaConfigs = ['--bootstrap-server', '--entity-type', '--entity-name', '--alter', '--add-config'];
  const npm = ['--onnxruntime-node-install', '--ignore-scripts', '--dry-run'];
  const docker = ['--force-recreate', '--rm', '--gpus', '--build-arg'];
  const bench = ['--try', '--longest', '--seconds', '--kills', '--rate', '--exactly-once'];
  const gpu = ['--budget', '--only', '--devices', '--models', '--clips', '--out', '--videos'];
  const gpuFolder = ['--without-cuda', '--without-cuda-runtime', '--target', '--no-deps'];
  const others = [...kafkaConfigs, ...npm, ...docker, ...bench, ...gpu, ...gpuFolder];
  const unknown = DOCUMENTS.flatMap((document) =>
    readOptions(document)
      .filter((option) => !known.has(option) && !others.includes(option))
      .map((option) => join(document, option)),
  );
  expect(unknown).toEqual([]);
});
