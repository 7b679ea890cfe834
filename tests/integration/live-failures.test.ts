import './publish/disposal.js';
import { afterAll, expect, test } from '@jest/globals';
import { FrameFailures } from '../../src/frame-failures.js';
import { Batcher } from '../../src/infer/batcher.js';
import { readModel } from '../../src/infer/model.js';
import { openTagger, type TaggerOptions } from '../../src/infer/tagger-host.js';
import { Metrics } from '../../src/metrics.js';
import type { Pixels } from '../../src/types.js';
import { greyFrame, TinyPackage } from './infer/tiny-package.js';

const PLAN = { sessions: 1, batchSizes: [1], fileBatch: 1 };
const CRASHING = new URL('../fixtures/infer/crashing-process.js', import.meta.url);
const tiny = new TinyPackage('moody');
afterAll(() => tiny.remove());

/** What is counted and told of a camera that sends this frame and a good one after it. */
async function watch(bad: Pixels, options: Partial<TaggerOptions> = {}) {
  await using tagger = await openTagger({ model: await readModel(tiny.dir), plan: PLAN, ...options });
  const metrics = new Metrics('none.db', '1');
  const told: unknown[] = [];
  const log = { warn: (fields: object, text: string) => void told.push({ ...fields, text }) };
  const failures = new FrameFailures('gate', log as never);
  const batcher = new Batcher({ tagger, maxBatch: 1, maxDelayMs: 0, capacity: 2, observer: metrics.queue });
  const onFailed = (error: Error): void => failures.tell(error);
  const lane = batcher.open('gate', { policy: 'drop-oldest', onFailed });
  for (const [n, pixels] of [bad, greyFrame(20)].entries())
    await lane.push({ ptsMs: n * 200, damaged: false, pixels });
  lane.end();
  const scored: number[] = [];
  for await (const { ptsMs } of lane.scored()) scored.push(ptsMs);
  await batcher.close();
  const counted = /^labelcast_frames_failed_total\{.*\} .*$/gm;
  return { scored, counted: (await metrics.text()).match(counted), told };
}

test.each<[string, Pixels, Partial<TaggerOptions>, RegExp]>([
  ['not-numbers', greyFrame(10, [253]), {}, /scores that are not numbers for a frame; try another device/],
  ['memory', greyFrame(10, [254]), {}, /could not be scored: .*; free memory, or use a smaller model/s],
  [
    'poison',
    greyFrame(10, 'deadly frame'),
    { entry: CRASHING, restartDelayMs: () => 0 },
    /; leave this passage out/,
  ],
])(
  'a frame of a camera that fails by %s is counted and told as that, and the camera goes on',
  async (reason, frame, options, text) => {
    expect(await watch(frame, options)).toEqual({
      scored: [200],
      counted: [`labelcast_frames_failed_total{stream="gate",reason="${reason}"} 1`],
      told: [{ stream: 'gate', cause: 'inference', reason, text: expect.stringMatching(text) }],
    });
  },
);
