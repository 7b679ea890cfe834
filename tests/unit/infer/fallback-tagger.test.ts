import { expect, test } from '@jest/globals';
import { InferError } from '../../../src/errors.js';
import { FallbackTagger } from '../../../src/infer/fallback-tagger.js';
import { FakeHost } from './fake-host.js';
import { FrameMill } from './fake-tagger.js';

const mill = new FrameMill();
const frames = (...names: number[]) => names.map((name) => mill.frame(name).pixels);
const LIVE = { fixed: false };

function lose(gpu: FakeHost): void {
  gpu.state = 'failed';
  for (const call of gpu.calls) call.reject(new InferError('the tagger cannot be started again'));
}

test('what was in a lost GPU is scored by the CPU when it is of cameras, and fails when it is of files', async () => {
  const gpu = new FakeHost('cuda', { lanes: 2, maxBatch: 8, fileBatch: 8 });
  const cpu = new FakeHost('cpu', { lanes: 2, maxBatch: 2, fileBatch: 1, answersAtOnce: true });
  const told: unknown[] = [];
  let opened = 0;
  const tagger = new FallbackTagger(gpu, {
    open: () => (opened++, Promise.resolve(cpu)),
    onFallback: (now, why) => told.push([now.provider.effective, why]),
  });
  const [live, file] = [tagger.tag(frames(1, 2, 3), LIVE), tagger.tag(frames(4), { fixed: true })];
  const refused = expect(file).rejects.toMatchObject({
    message: 'the device cuda was lost: the tagger cannot be started again',
    remedy: 'cameras go on on the cpu; tag files that were under way again',
    retryable: true,
  });
  expect(tagger.fileMode).toBe('cuda/8');
  lose(gpu);
  expect((await live).map((scores) => (scores as Float32Array)[0])).toEqual([1, 2, 3]);
  await refused;
  expect(cpu.calls.map(({ names }) => names)).toEqual([[1, 2], [3]]);
  expect([opened, told, gpu.isClosed]).toEqual([1, [['cpu', 'the tagger cannot be started again']], true]);
  expect([tagger.fileMode, tagger.maxBatch, tagger.state]).toEqual(['cpu/1', 2, 'ready']);
});

test('frames keep their scores when the CPU can take fewer at once than before', async () => {
  const gpu = new FakeHost('cuda', { maxBatch: 8 });
  const cpu = new FakeHost('cpu', { maxBatch: 4 });
  const tagger = new FallbackTagger(gpu, { open: () => Promise.resolve(cpu), onFallback: () => {} });
  const scored = tagger.tag(frames(1, 2, 3, 4, 5, 6, 7, 8), LIVE);
  lose(gpu);
  for (let n = 0; n < 3; n++) {
    while (cpu.calls.length <= n) await new Promise((resolve) => setImmediate(resolve));
    cpu.maxBatch = 2;
    cpu.calls[n]!.answer();
  }
  expect((await scored).map((scores) => (scores as Float32Array)[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a GPU that is lost while nothing is asked of it is no end: the CPU is opened meanwhile', async () => {
  const gpu = new FakeHost('cuda');
  const cpu = new FakeHost('cpu', { answersAtOnce: true });
  const told: string[] = [];
  const tagger = new FallbackTagger(gpu, {
    open: () => Promise.resolve(cpu),
    onFallback: (_, why) => told.push(why),
  });
  gpu.state = 'failed';
  expect(tagger.state).toBe('restarting');
  tagger.giveWay('no such device');
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect([told, tagger.state, tagger.provider.effective]).toEqual([['no such device'], 'ready', 'cpu']);
});

test('an error of a GPU that lives on is its own; when the CPU cannot be opened either, all is lost', async () => {
  const gpu = new FakeHost('cuda');
  let opened = 0;
  const open = () => (opened++, Promise.reject(new InferError('no memory for the model')));
  const tagger = new FallbackTagger(gpu, { open, onFallback: () => {} });
  const own = tagger.tag(frames(1), LIVE);
  gpu.calls[0]!.reject(new RangeError('more than 1 batches at once'));
  await expect(own).rejects.toThrow('more than 1 batches');
  const first = tagger.tag(frames(2), LIVE);
  lose(gpu);
  await expect(first).rejects.toThrow('no memory for the model');
  expect(tagger.state).toBe('failed');
  const second = tagger.tag(frames(3), LIVE);
  gpu.calls.at(-1)!.reject(new InferError('the tagger cannot be started again'));
  await expect(second).rejects.toThrow('the tagger cannot be started again');
  expect(opened).toBe(1);
});
