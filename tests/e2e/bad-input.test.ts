import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resolveSources } from '../../src/ingest/sources.js';
import { createFolder, DEMO_CLIP, ffmpeg, inRealTime } from './clips.js';
import { isClearError, labelcast, type Run, toEvents } from './labelcast.js';

const MODEL = join(process.cwd(), 'model/sgfn-nano-coco80');
const folder = createFolder();
let good: string;

beforeAll(() => {
  good = folder.file('good.mp4');
  ffmpeg('-i', DEMO_CLIP, '-t', '2', '-c:v', 'libx264', '-g', '30', good);
});
afterAll(() => folder.remove());

function make(name: string, ...args: readonly string[]): string {
  ffmpeg(...args, folder.file(name));
  return folder.file(name);
}

/** The good clip of the same run is complete, whatever happened to the other source. */
function isGoodComplete({ stdout }: Run): boolean {
  const done = toEvents(stdout).filter((event) => event.type === 'io.labelcast.stream.completed.v1');
  return done.some((event) => event.data.sourceUri.endsWith('/good.mp4'));
}

const UNUSABLE: readonly [string, () => string][] = [
  ['a missing file', () => folder.file('missing.mp4')],
  ['an empty file', () => (writeFileSync(folder.file('empty.mp4'), ''), folder.file('empty.mp4'))],
  [
    'a text named .mp4',
    () => (writeFileSync(folder.file('text.mp4'), 'no film\n'.repeat(500)), folder.file('text.mp4')),
  ],
  ['audio only', () => make('audio.mp4', '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac')],
  [
    'a file without its index',
    () => {
      copyFileSync(
        make('no-index-source.mp4', '-i', DEMO_CLIP, '-t', '2', '-c:v', 'libx264', '-movflags', '-faststart'),
        folder.file('no-index.mp4'),
      );
      truncateSync(folder.file('no-index.mp4'), 30_000);
      return folder.file('no-index.mp4');
    },
  ],
  ['a wrong URL scheme', () => 'ftp://camera.example/clip.mp4'],
  ['a live source', () => 'rtsp://user:hush@127.0.0.1:9/stream1'],
  ['a refused connection', () => 'http://127.0.0.1:9/clip.mp4'],
];

test.each(UNUSABLE)('%s is named with a remedy and leaves other sources alone', async (_, source) => {
  const bad = source();
  const run = await labelcast(['tag', bad, good, '--json', '--give-up-after', '2']);
  const name = bad.replace('user:hush@', '').split('/').at(-1)!;
  expect([run.status, isClearError(run.stderr, name), isGoodComplete(run)]).toEqual([1, true, true]);
  expect(run.stderr + run.stdout).not.toContain('hush');
});

test('when no source is usable nothing is started and the exit status is 2', async () => {
  const run = await labelcast([
    'tag',
    folder.file('missing.mp4'),
    'ftp://127.0.0.1/x',
    '-o',
    folder.file('none'),
  ]);
  expect([run.status, run.stdout, isClearError(run.stderr, 'missing.mp4')]).toEqual([2, '', true]);
  expect(run.stderr).toMatch(/not a scheme that can be read/);
});

test('an http source that answers 404 is not found', async () => {
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/clip.mp4`;
  const run = await labelcast(['tag', url, good, '--json']);
  await new Promise((resolve) => server.close(resolve));
  expect([run.status, isClearError(run.stderr, 'clip.mp4'), isGoodComplete(run)]).toEqual([1, true, true]);
  expect(run.stderr).toMatch(/404|not found/i);
});

test('a truncated file is tagged as far as it goes, ends in a gap and fails as corrupt', async () => {
  const whole = make('whole.mp4', '-i', DEMO_CLIP, '-c', 'copy', '-movflags', '+faststart');
  const cut = folder.file('cut.mp4');
  copyFileSync(whole, cut);
  truncateSync(cut, Math.floor(readFileSync(whole).length * 0.6));
  const run = await labelcast(['tag', cut, good, '--json']);
  const events = toEvents(run.stdout).filter((event) => event.data.sourceUri.endsWith('/cut.mp4'));
  const types = events.map((event) => event.type);
  expect([run.status, isClearError(run.stderr, 'cut.mp4'), isGoodComplete(run)]).toEqual([1, true, true]);
  expect(types).toContain('io.labelcast.label.started.v1');
  expect(types).not.toContain('io.labelcast.stream.completed.v1');
  expect(events.at(-1)!.data).toMatchObject({ state: 'failed', cause: 'corrupt' });
});

const ODD: readonly [string, () => string, number][] = [
  ['1×1', () => make('tiny.mkv', '-i', DEMO_CLIP, '-t', '1', '-vf', 'scale=1:1', '-c:v', 'ffv1'), 1000],
  ['one frame', () => make('frame.mp4', '-i', DEMO_CLIP, '-frames:v', '1', '-c:v', 'libx264'), 33],
  [
    'odd size',
    () =>
      make(
        'odd.mkv',
        '-i',
        DEMO_CLIP,
        '-t',
        '1',
        '-vf',
        'scale=641:361',
        '-c:v',
        'libx264',
        '-pix_fmt',
        'yuv444p',
      ),
    1000,
  ],
  [
    '10-bit',
    () => make('ten.mp4', '-i', DEMO_CLIP, '-t', '1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le'),
    1000,
  ],
  [
    'rotated',
    () =>
      make(
        'rotated.mp4',
        '-i',
        make('upright.mp4', '-i', good, '-t', '1', '-c:v', 'libx264'),
        '-c',
        'copy',
        '-metadata:s:v',
        'rotate=90',
      ),
    1000,
  ],
];

test.each(ODD)('a video that is %s is tagged whole', async (_, source, durationMs) => {
  const run = await labelcast(['tag', source(), '--json']);
  const completed = toEvents(run.stdout).find((event) => event.type === 'io.labelcast.stream.completed.v1');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const found = (completed!.data as { durationMs: number }).durationMs;
  expect(Math.abs(found - durationMs)).toBeLessThanOrEqual(70);
});

/** A copy of the shipped model package, changed. */
function modelWith(name: string, change: (dir: string, manifest: Record<string, unknown>) => void): string {
  const dir = folder.file(name);
  cpSync(MODEL, dir, { recursive: true });
  const file = join(dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(dir, manifest);
  writeFileSync(file, JSON.stringify(manifest));
  return dir;
}

const MODELS: readonly [string, string, (dir: string, manifest: Record<string, unknown>) => void][] = [
  ['a model of 0 bytes', 'model.onnx', (dir) => writeFileSync(join(dir, 'model.onnx'), '')],
  [
    'a model that does not match its labels',
    "manifest's labels want",
    (_, manifest) => (manifest['labels'] as unknown[]).pop(),
  ],
  ['a manifest with an unknown key', 'colour', (_, manifest) => (manifest['colour'] = 'red')],
];

test.each(MODELS)('%s is refused with exit status 2 before anything starts', async (title, name, change) => {
  const run = await labelcast([
    'tag',
    good,
    '--json',
    '--model',
    modelWith(title.replaceAll(' ', '-'), change),
  ]);
  expect([run.status, run.stdout, run.stderr.includes(name), isClearError(run.stderr, 'error')]).toEqual([
    2,
    '',
    true,
    true,
  ]);
});

test('cuda without its library is refused with exit status 2 and a remedy', async () => {
  const run = await labelcast(['tag', good, '--json', '--device', 'cuda']);
  expect([run.status, run.stdout, isClearError(run.stderr, 'cuda')]).toEqual([2, '', true]);
});

/** A small file system of its own, as only root can have one. */
function withMount(name: string, options: string, use: (path: string) => Promise<void>): Promise<void> {
  if (process.getuid!() !== 0) throw new Error('a small file system must be mounted: run the tests as root');
  const path = folder.file(name);
  execFileSync('mkdir', ['-p', path]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return use(path).finally(() => execFileSync('umount', [path]));
}

test('an output folder that is full is named and waited for; stopped then, no half event is written', async () => {
  await withMount('full', 'size=64k', async (path) => {
    execFileSync('bash', ['-c', `head -c 60000 /dev/zero > ${path}/ballast; true`]);
    let said = '';
    const run = await labelcast(['tag', good, '-o', path, '--json'], {
      onStart: (child) =>
        child.stderr!.on('data', (text: string) => {
          const wasFull = said.includes('its disk is full');
          said += text;
          if (!wasFull && said.includes('its disk is full')) child.kill('SIGTERM');
        }),
    });
    expect([run.status, isClearError(run.stderr, path)]).toEqual([143, true]);
    expect(run.stdout === '' || run.stdout.endsWith('}\n')).toBe(true);
  });
});

test('an output folder that is read-only is refused with exit status 2', async () => {
  await withMount('read-only', 'size=64k,ro', async (path) => {
    const run = await labelcast(['tag', good, '-o', join(path, 'out'), '--json']);
    expect([run.status, run.stdout, isClearError(run.stderr, path)]).toEqual([2, '', true]);
  });
});

test('a journal from a newer version is refused with exit status 2', async () => {
  const journal = folder.file('newer.db');
  await labelcast(['tag', good, '--journal', journal, '--json']);
  execFileSync('python3', [
    '-c',
    `import sqlite3; sqlite3.connect("${journal}").execute("pragma user_version = 999")`,
  ]);
  const run = await labelcast(['tag', good, '--journal', journal, '--json']);
  expect([run.status, run.stdout, isClearError(run.stderr, journal)]).toEqual([2, '', true]);
});

test('a second process on one journal is refused while the first goes on', async () => {
  const journal = folder.file('shared.db');
  const long = make('long.mp4', '-stream_loop', '20', '-i', DEMO_CLIP, '-c', 'copy');
  let second: Promise<Run> | undefined;
  const first = await labelcast(['tag', long, '--journal', journal, '--json'], {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) =>
      child.stdout!.once('data', () => {
        second = labelcast(['tag', good, '--journal', journal, '--json']).finally(() => child.kill('SIGINT'));
      }),
  });
  const refused = await second!;
  expect([refused.status, refused.stdout, isClearError(refused.stderr, journal)]).toEqual([2, '', true]);
  expect(first.status).toBe(130);
});

test('an unknown flag, a bad rate and a bad config end with exit status 2', async () => {
  const config = folder.file('bad.yaml');
  writeFileSync(config, 'sampling: { rate: 3 }\n');
  const runs = await Promise.all(
    [['--nonsense'], ['--fps', '0'], ['-c', config], ['--labels', 'unicorn'], ['--labels', 'Dog']].map(
      (flags) => labelcast(['tag', good, ...flags]),
    ),
  );
  expect(runs.map(({ status, stdout }) => [status, stdout])).toEqual(runs.map(() => [2, '']));
  expect(runs[2]!.stderr).toContain('sampling.rate: unknown key');
  expect(runs[3]!.stderr).toContain('unicorn');
  expect(runs[4]!.stderr).toContain('did you mean dog?');
});

test('a full disk behind standard output is named, and is not taken for a reader that has gone', async () => {
  const full = openSync('/dev/full', 'w');
  const main = `${process.cwd()}/dist/src/cli/main.js`;
  const run = spawnSync(process.execPath, [main, 'tag', good, '--journal', folder.file('unsaid.db')], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect([run.status, isClearError(run.stderr, 'standard output')]).toEqual([1, true]);
});

test('a folder that may not be searched is named, and its neighbours are tagged', async () => {
  const shared = folder.file('shared');
  mkdirSync(join(shared, 'closed'), { recursive: true });
  copyFileSync(good, join(shared, 'open.mp4'));
  copyFileSync(good, join(shared, 'closed/hidden.mp4'));
  for (const path of [folder.path, shared]) chmodSync(path, 0o755);
  chmodSync(join(shared, 'closed'), 0o700);
  // root may search every folder: look as somebody else
  process.seteuid!(65534);
  const { sources, failures } = await resolveSources(['shared'], folder.path).finally(() =>
    process.seteuid!(0),
  );
  expect(sources.map(({ names }) => names)).toEqual([['shared/open.mp4']]);
  expect(failures.map(({ error }) => error.message)).toEqual(['shared/closed cannot be listed']);
});

test('an output folder where a file lies, or where none can be made, is refused at once', async () => {
  const runs = await Promise.all([good, '/proc/labelcast'].map((out) => labelcast(['tag', good, '-o', out])));
  expect(
    runs.map(({ status, stderr }) => [status, stderr.includes('cannot be made'), /^\s+at /m.test(stderr)]),
  ).toEqual([
    [2, true, false],
    [2, true, false],
  ]);
});

test('an http connection that breaks and is made again leaves no trace', async () => {
  const bytes = readFileSync(DEMO_CLIP);
  let cuts = 0;
  const server = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? ['', '0', ''];
    const end = bytes.length - 1;
    const [first, last] = [Number(from), to === '' ? end : Math.min(end, Number(to))];
    response.writeHead(206, {
      'content-range': `bytes ${first}-${last}/${bytes.length}`,
      'content-length': last - first + 1,
    });
    const isCut = request.headers['user-agent']?.startsWith('Lavf') && cuts < 2 && last - first > 1_000_000;
    if (!isCut) return void response.end(bytes.subarray(first, last + 1));
    cuts += 1;
    response.write(bytes.subarray(first, first + 700_000), () => response.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo.mp4`;
  const run = await labelcast(['tag', url, '--json']);
  await new Promise((resolve) => server.close(resolve));
  const whole = await labelcast(['tag', DEMO_CLIP, '--json']);
  const segmentsOf = ({ stdout }: Run) =>
    toEvents(stdout).flatMap(({ data }) =>
      'phase' in data && data.phase === 'ended' ? [[data.label, data.startMs, data.endMs]] : [],
    );
  expect([run.status, run.stderr, cuts]).toEqual([0, '', 2]);
  expect(segmentsOf(run)).toEqual(segmentsOf(whole));
});
