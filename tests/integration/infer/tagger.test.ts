import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { ConfigError, InferError } from '../../../src/errors.js';
import { Batcher } from '../../../src/infer/batcher.js';
import { readModel } from '../../../src/infer/model.js';
import { openTagger, type TaggerHost, type TaggerOptions } from '../../../src/infer/tagger-host.js';
import type { Scores } from '../../../src/types.js';
import { greyFrame, TinyPackage } from './tiny-package.js';
import { until } from '../../until.js';

const CRASHING = { entry: new URL('../../fixtures/infer/crashing-process.js', import.meta.url) };
const STILLBORN = { entry: new URL('../../fixtures/infer/stillborn-process.js', import.meta.url) };
const PARENT = fileURLToPath(new URL('../../fixtures/infer/parent-process.js', import.meta.url));
/** Long enough that none is taken for hung which a busy machine lets stand still. */
const PATIENT = { watchdogMs: () => 120_000 };
const SMALL = { sessions: 2, batchSizes: [1, 2, 4], fileBatch: 2 };

const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

function packageOf(...args: ConstructorParameters<typeof TinyPackage>): TinyPackage {
  const made = new TinyPackage(...args);
  cleaning.push(() => made.remove());
  return made;
}

async function open(
  options: Partial<TaggerOptions> = {},
  model: 'tiny' | 'moody' = 'tiny',
): Promise<TaggerHost> {
  const { dir } = packageOf(model);
  const tagger = await openTagger({ model: await readModel(dir), plan: SMALL, ...PATIENT, ...options });
  cleaning.push(() => tagger[Symbol.asyncDispose]());
  return tagger;
}

/** Greys as scored, from the second channel; errors as their messages. */
function greys(results: readonly (Scores | Error)[]): (number | string)[] {
  return results.map((result) => (result instanceof Error ? result.message : Math.round(result[1]! * 255)));
}

async function failureOf(work: Promise<unknown>): Promise<ConfigError | InferError> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError || error instanceof InferError) return error;
  throw error;
}

/** Whether a process still runs; one that ended and that nobody asked about does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('frames are scored in their order, side by side, padded or not; auto is the CPU', async () => {
  const tagger = await open();
  const got = await Promise.all([
    tagger.tag(
      [10, 20, 30].map((grey) => greyFrame(grey)),
      { fixed: false },
    ),
    tagger.tag([greyFrame(40)], { fixed: true }),
  ]);
  expect(got.map(greys)).toEqual([[10, 20, 30], [40]]);
  expect(tagger.provider).toMatchObject({ requested: 'auto', effective: 'cpu' });
  expect([tagger.batchSizes, tagger.maxBatch, tagger.fileBatch, tagger.lanes, tagger.state]).toEqual([
    [1, 2, 4],
    4,
    2,
    4,
    'ready',
  ]);
});

test('closing ends the process before it resolves; what is asked later is refused', async () => {
  const tagger = await open();
  const pid = await tagger.pid();
  await tagger[Symbol.asyncDispose]();
  expect([isAlive(pid), tagger.state]).toEqual([false, 'closed']);
  expect((await failureOf(tagger.tag([greyFrame(1)], { fixed: true }))).message).toBe(
    'the tagger was closed',
  );
});

test('kill -9 in the middle of a run loses no frame and repeats none', async () => {
  const reasons: string[] = [];
  const tagger = await open({ onRestart: (reason) => reasons.push(reason) });
  const batcher = new Batcher({ tagger, maxBatch: 4, maxDelayMs: 5, capacity: 4 });
  const lane = batcher.open('a', { policy: 'wait' });
  const feeding = (async () => {
    for (let grey = 0; grey < 250; grey++) {
      if (grey % 100 === 50) process.kill(await tagger.pid(), 'SIGKILL');
      await lane.push({ ptsMs: grey, damaged: false, pixels: greyFrame(grey) });
    }
    lane.end();
  })();
  const got: number[] = [];
  for await (const frame of lane.scored()) got.push(Math.round(frame.scores[0]! * 255));
  await feeding;
  await batcher.close();
  expect(got).toEqual(Array.from({ length: 250 }, (_, grey) => grey));
  expect([reasons, tagger.restarts]).toEqual([['signal', 'signal'], 2]);
});

test('a frame that kills the tagger fails alone; no frame beside it or in another batch is blamed', async () => {
  const tagger = await open({ ...CRASHING, restartDelayMs: () => 0 });
  const got = await Promise.all([
    tagger.tag([greyFrame(10), greyFrame(20, 'deadly frame'), greyFrame(30)], { fixed: false }),
    tagger.tag([greyFrame(40)], { fixed: true }),
  ]);
  const poison = 'a frame kills the tagger, also alone: the tagger process ended with SIGABRT';
  expect(got.map(greys)).toEqual([[10, expect.stringContaining(poison), 30], [40]]);
  expect(tagger.restarts).toBe(3);
});

test('after three restarts in a minute the next waits, and says so', async () => {
  const recents: number[] = [];
  const restartDelayMs = (recent: number) => (recents.push(recent), recent < 3 ? 0 : 60_000);
  const tagger = await open({ ...CRASHING, restartDelayMs });
  const first = await tagger.tag([greyFrame(1, 'deadly frame')], { fixed: true });
  expect(greys(first)).toEqual([expect.stringContaining('a frame kills the tagger')]);
  const second = failureOf(tagger.tag([greyFrame(1, 'deadly frame')], { fixed: true }));
  await until('backing off', () => tagger.state === 'backing-off', { everyMs: 5 });
  expect(recents).toEqual([0, 1, 2, 3]);
  await tagger[Symbol.asyncDispose]();
  expect((await second).message).toContain('the tagger was closed');
});

test('a tagger that cannot be started again fails its frames with the reason', async () => {
  const tagger = await open({ ...STILLBORN, restartDelayMs: () => 0 });
  process.kill(await tagger.pid(), 'SIGKILL');
  const failure = await failureOf(tagger.tag([greyFrame(1)], { fixed: true }));
  expect(failure.message).toBe(
    'the tagger cannot be started again: the tagger process ended with status 3: cannot allocate the colour red: failed',
  );
  expect([tagger.state, tagger.restarts]).toEqual(['failed', 5]);
});

test('a tagger that hangs is killed by the watchdog and its batch is scored by the next', async () => {
  const reasons: string[] = [];
  const watchdogMs = () => (reasons.length === 0 ? 200 : 60_000); // the next one does not hang
  const tagger = await open({ watchdogMs, onRestart: (reason) => reasons.push(reason) });
  process.kill(await tagger.pid(), 'SIGSTOP');
  expect(greys(await tagger.tag([greyFrame(77)], { fixed: true }))).toEqual([77]);
  expect(reasons).toEqual(['watchdog']);
});

test('a process that is never ready is given up', async () => {
  const model = await readModel(packageOf('tiny').dir);
  const failure = await failureOf(openTagger({ model, startTimeoutMs: 1 }));
  expect(failure.message).toBe(
    'the tagger cannot be started: the tagger process was not ready within 0.001 s',
  );
});

test('signals to the whole group leave the tagger running until it is closed', async () => {
  const tagger = await open();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(await tagger.pid(), signal);
  expect(greys(await tagger.tag([greyFrame(5)], { fixed: true }))).toEqual([5]);
  expect(tagger.restarts).toBe(0);
});

test('the runtime keeps no telemetry', async () => {
  const tagger = await open();
  const fds = `/proc/${await tagger.pid()}/fd`;
  const files = readdirSync(fds).map((fd) => readlinkSync(join(fds, fd)));
  expect(files.filter((file) => file.includes('/dev/null'))).not.toEqual([]);
  expect(files.filter((file) => /onnxruntime\.db|mat-debug/.test(file))).toEqual([]);
});

test('the tagger ends when its parent is killed', async () => {
  const parent = spawn(process.execPath, [PARENT, packageOf('tiny').dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleaning.push(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until('the tagger process gone', () => !isAlive(pid));
});

test('a batch that cannot be allocated is scored in smaller ones, and stays smaller', async () => {
  const shrunk: unknown[] = [];
  const tagger = await open({ onShrink: (now) => shrunk.push(now) }, 'moody');
  const frames = [10, 20, 30].map((grey) => greyFrame(grey, [255]));
  expect(greys(await tagger.tag(frames, { fixed: false }))).toEqual([10, 20, 30]);
  expect(shrunk).toEqual([
    { maxBatch: 2, fileBatch: 2 },
    { maxBatch: 1, fileBatch: 2 },
  ]);
  expect([tagger.maxBatch, tagger.restarts]).toEqual([1, 0]);
});

test('when the size for files cannot be allocated, their frames fail with a remedy, and later files start smaller', async () => {
  const tagger = await open({}, 'moody');
  const frames = [greyFrame(10, [255]), greyFrame(20)];
  const failures = await tagger.tag(frames, { fixed: true });
  expect(greys(failures)).toEqual(Array(2).fill(expect.stringContaining('Failed to allocate memory')));
  expect((failures[0] as InferError).remedy).toContain('free memory');
  expect([tagger.fileBatch, tagger.maxBatch]).toEqual([1, 1]);
  expect(greys(await tagger.tag(frames.slice(0, 1), { fixed: true }))).toEqual([10]);
  const hopeless = await tagger.tag([greyFrame(10, [254])], { fixed: true });
  expect(greys(hopeless)).toEqual([expect.stringContaining('Failed to allocate memory')]);
});

test('scores that are not numbers fail their frame only', async () => {
  const tagger = await open({}, 'moody');
  const results = await tagger.tag([greyFrame(10, [253]), greyFrame(20)], { fixed: false });
  expect(greys(results)).toEqual(['the model gave scores that are not numbers for a frame', 20]);
});

test.each([
  ['labels', { labels: 4 }, "`scores` is float32 [N,3], but the manifest's labels want float32 [N,4]"],
  ['size', { width: 16 }, "`frames` is uint8 [N,8,8,3], but the manifest's input wants uint8 [N,8,16,3]"],
])('a model whose %s differ from the manifest is refused', async (_, options, message) => {
  const model = await readModel(packageOf('tiny', options).dir);
  const failure = await failureOf(openTagger({ model }));
  expect(failure.message).toContain(message);
  expect(failure.remedy).toContain('belong together');
});

test('a model that takes another type is refused', async () => {
  const model = await readModel(packageOf('floats').dir);
  const failure = await failureOf(openTagger({ model }));
  expect(failure.message).toContain(
    "`frames` is float32 [N,8,8,3], but the manifest's input wants uint8 [N,8,8,3]",
  );
});

test('an empty, a foreign and a missing model file are refused before anything starts', async () => {
  const { dir } = packageOf('tiny');
  const file = join(dir, 'model.onnx');
  writeFileSync(file, 'not the model');
  expect((await failureOf(readModel(dir))).message).toContain('is not the model of its manifest');
  truncateSync(file, 0);
  expect((await failureOf(readModel(dir))).message).toBe(`the model file ${file} is empty`);
  expect((await failureOf(readModel(join(dir, 'none')))).message).toBe(
    `no model package in ${join(dir, 'none')}: manifest.json does not exist`,
  );
});

test('a model file that changed after it was checked is refused when the tagger starts', async () => {
  const { dir } = packageOf('tiny');
  const model = await readModel(dir);
  writeFileSync(model.file, 'another model');
  expect((await failureOf(openTagger({ model }))).message).toContain('changed since it was checked');
});
