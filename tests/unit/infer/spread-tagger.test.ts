import { expect, test } from '@jest/globals';
import { InferError } from '../../../src/errors.js';
import { SpreadTagger } from '../../../src/infer/spread-tagger.js';
import { FakeHost } from './fake-host.js';
import { FrameMill } from './fake-tagger.js';

const mill = new FrameMill();
const frames = (...names: number[]) => names.map((name) => mill.frame(name).pixels);
const LIVE = { fixed: false };
const LOST = new InferError('the tagger cannot be started again');

test('batches go in turn to the device with most lanes free, and not to one that restarts', async () => {
  const [a, b] = [new FakeHost('cuda', { lanes: 2 }), new FakeHost('cuda', { lanes: 2 })];
  const tagger = new SpreadTagger([a, b]);
  expect([tagger.lanes, tagger.framesPerSecond, tagger.provider.device]).toEqual([
    4,
    200,
    'cuda device, cuda device',
  ]);
  const running = [1, 2, 3].map((name) => tagger.tag(frames(name), LIVE));
  expect([a.calls.length, b.calls.length]).toEqual([2, 1]);
  b.state = 'restarting';
  expect([tagger.state, tagger.lanes, tagger.provider.device]).toEqual(['ready', 2, 'cuda device']);
  running.push(tagger.tag(frames(4), LIVE));
  expect([a.calls.length, b.calls.length]).toEqual([2, 1]); // the ready one is full, so it waits
  a.calls[0]!.answer();
  await running[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(a.calls.map(({ names }) => names)).toEqual([[1], [3], [4]]);
  for (const call of [...a.calls, ...b.calls]) call.answer();
  await Promise.all(running);
});

test('a batch of a file that has become too large for a device fails its file alone', async () => {
  const [a, b] = [new FakeHost('cuda', { fileBatch: 4 }), new FakeHost('cuda', { fileBatch: 4 })];
  const tagger = new SpreadTagger([a, b]);
  a.fileBatch = 2;
  await expect(tagger.tag(frames(1, 2, 3), { fixed: true })).rejects.toMatchObject({
    name: 'InferError',
    remedy: 'tag this file again: it will start with smaller batches',
  });
});

test('the batches of a device that is given up wait for a lane of the others; with the last one all fail', async () => {
  const [a, b] = [new FakeHost('cuda', { lanes: 1 }), new FakeHost('cuda', { lanes: 1 })];
  const tagger = new SpreadTagger([a, b]);
  const [first, second] = [tagger.tag(frames(1), LIVE), tagger.tag(frames(2), LIVE)];
  a.state = 'failed';
  a.calls[0]!.reject(LOST);
  await new Promise((resolve) => setImmediate(resolve));
  expect([b.calls.length, tagger.lanes, tagger.state]).toEqual([1, 1, 'ready']);
  b.calls[0]!.answer();
  await second;
  await new Promise((resolve) => setImmediate(resolve));
  b.calls[1]!.answer();
  expect(await first).toEqual([Float32Array.of(1)]);
  b.state = 'failed';
  const last = tagger.tag(frames(3), LIVE);
  a.calls.at(-1)!.reject(LOST);
  await expect(last).rejects.toBe(LOST);
  expect(tagger.state).toBe('failed');
});

test('when memory of one is short, files have the smaller batch on all', async () => {
  const [a, b] = [new FakeHost('cuda', { fileBatch: 8 }), new FakeHost('cuda', { fileBatch: 8 })];
  const tagger = new SpreadTagger([a, b]);
  expect(tagger.fileMode).toBe('cuda/8');
  a.fileBatch = 4;
  expect(tagger.fileMode).toBe('cuda/4');
  const running = [1, 2].map((name) => tagger.tag(frames(name), { fixed: true }));
  expect(b.fileBatch).toBe(4);
  for (const { calls } of [a, b]) calls[0]!.answer();
  await Promise.all(running);
});
