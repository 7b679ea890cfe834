import '../publish/disposal.js';
import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { Batcher } from '../../../src/infer/batcher.js';
import { type Model, readModel } from '../../../src/infer/model.js';
import {
  openTagger,
  type Rung,
  type TaggerHost,
  type TaggerOptions,
} from '../../../src/infer/tagger-host.js';
import { until } from '../../until.js';
import { greyFrame, TinyPackage } from './tiny-package.js';

const PRETENDED_GPU = new URL('../../fixtures/infer/pretended-gpu.js', import.meta.url);
/** SwiftShader, a GPU in software, which Debian's Chromium has. */
const SOFTWARE_GPU = '/usr/lib/chromium/vk_swiftshader_icd.json';

const cleaning: (() => unknown)[] = [];
const before = process.env['VK_ICD_FILENAMES'];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
  if (before === undefined) delete process.env['VK_ICD_FILENAMES'];
  else process.env['VK_ICD_FILENAMES'] = before;
});

async function open(gpu: string, options: Partial<TaggerOptions> = {}): Promise<[TaggerHost, Model, Rung[]]> {
  process.env['VK_ICD_FILENAMES'] = gpu;
  const tiny = new TinyPackage('tiny');
  cleaning.push(() => tiny.remove());
  const model = await readModel(tiny.dir);
  const rungs: Rung[] = [];
  const tagger = await openTagger({ model, onRung: (rung) => rungs.push(rung), ...options });
  cleaning.push(() => tagger[Symbol.asyncDispose]());
  return [tagger, model, rungs];
}

test('webgpu scores frames as they are, in batches, on a GPU that is software', async () => {
  const [tagger] = await open(SOFTWARE_GPU, { device: 'webgpu', maxBatch: 4 });
  expect([tagger.provider.effective, tagger.batchSizes]).toEqual(['webgpu', [1, 2, 4]]);
  const scores = await tagger.tag(
    [10, 20, 30].map((grey) => greyFrame(grey)),
    { fixed: false },
  );
  expect(scores.map((one) => Math.round((one as Float32Array)[1]! * 255))).toEqual([10, 20, 30]);
});

test('auto refuses a GPU that is slower than the CPU, and says so', async () => {
  const [tagger, , rungs] = await open(SOFTWARE_GPU);
  expect(tagger.provider).toMatchObject({ requested: 'auto', effective: 'cpu' });
  const refused = rungs.find(({ provider }) => provider === 'webgpu');
  expect(refused).toMatchObject({
    isTaken: false,
    why: expect.stringMatching(/slower than the CPU|not ready within/),
  });
});

test('auto goes on to the CPU where there is no adapter', async () => {
  const [tagger, , rungs] = await open('/nowhere.json');
  expect(tagger.provider.effective).toBe('cpu');
  expect(rungs.map(({ provider, isTaken }) => [provider, isTaken])).toContainEqual(['webgpu', false]);
  expect(rungs.at(-1)!.why).toContain('No supported adapters');
});

test('a GPU whose memory another process holds is refused with what to do, and auto goes on to the CPU', async () => {
  const tiny = new TinyPackage('tiny');
  cleaning.push(() => tiny.remove());
  const model = await readModel(tiny.dir);
  writeFileSync(`${model.file}.held`, '');
  const named = openTagger({ model, device: 'cuda', entry: PRETENDED_GPU });
  await expect(named).rejects.toMatchObject({
    message: 'there is not enough memory for the model: CUDA failure 2: out of memory',
    remedy: expect.stringMatching(/^see by nvidia-smi who holds memory of the GPU/),
  });
  process.env['VK_ICD_FILENAMES'] = 'pretended';
  const rungs: Rung[] = [];
  const tagger = await openTagger({ model, entry: PRETENDED_GPU, onRung: (rung) => rungs.push(rung) });
  cleaning.push(() => tagger[Symbol.asyncDispose]());
  expect(tagger.provider.effective).toBe('cpu');
  const why = expect.stringMatching(/out of memory/);
  expect(rungs).toMatchObject([{ provider: 'webgpu', isTaken: false, why }]);
});

test('a GPU that vanishes while there is nothing to score leaves the next frame to the CPU', async () => {
  const [tagger, model] = await open('pretended', { entry: PRETENDED_GPU, restartDelayMs: () => 0 });
  const seen = new Set<string>();
  writeFileSync(`${model.file}.lost`, '');
  process.kill(await tagger.pid(), 'SIGKILL');
  await until('the CPU going on', () => (seen.add(tagger.state), tagger.provider.effective === 'cpu'), {
    everyMs: 5,
  });
  expect([...seen]).not.toContain('failed');
  const [scores] = await tagger.tag([greyFrame(20)], { fixed: false });
  expect(Math.round((scores as Float32Array)[0]! * 255)).toBe(20);
});

test('a GPU that vanishes under auto leaves cameras to the CPU; a file under way fails, and begins anew there', async () => {
  const fallbacks: string[] = [];
  const [tagger, model, rungs] = await open('pretended', {
    entry: PRETENDED_GPU,
    restartDelayMs: () => 0,
    onFallback: (now, why) => fallbacks.push(`${now.provider.effective}: ${why}`),
  });
  expect(rungs).toMatchObject([{ provider: 'webgpu', isTaken: true }]);
  expect(tagger.provider.effective).toBe('webgpu');
  const batcher = new Batcher({ tagger, maxBatch: 4, maxDelayMs: 5, capacity: 4 });
  const live = batcher.open('gate', { policy: 'drop-oldest' });
  const file = batcher.open('clip', { policy: 'wait' });
  const scored = live.scored()[Symbol.asyncIterator]();
  const push = (lane: typeof live, grey: number) =>
    lane.push({ ptsMs: grey, damaged: false, pixels: greyFrame(grey) });
  const next = async () => Math.round((await scored.next()).value!.scores[0]! * 255);
  await push(live, 10);
  expect(await next()).toBe(10);

  writeFileSync(`${model.file}.lost`, '');
  process.kill(await tagger.pid(), 'SIGKILL');
  const failure = (async () => {
    for await (const frame of file.scored()) void frame;
    return 'whole';
  })().catch((error: Error) => error.message);
  void push(file, 30);
  expect(await failure).toBe(
    'the device webgpu was lost: the tagger cannot be started again: no such device',
  );
  await push(live, 20);
  expect(await next()).toBe(20);
  expect(fallbacks).toEqual([
    expect.stringMatching(/^cpu: the tagger cannot be started again: no such device/),
  ]);
  expect([tagger.provider.effective, tagger.state, tagger.fileMode]).toEqual(['cpu', 'ready', 'cpu/1']);

  const anew = batcher.open('clip', { policy: 'wait' });
  await push(anew, 40);
  anew.end();
  const greys: number[] = [];
  for await (const frame of anew.scored()) greys.push(Math.round(frame.scores[0]! * 255));
  expect(greys).toEqual([40]);
  await batcher.close();
});
