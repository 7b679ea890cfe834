import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Batcher } from '../../../src/infer/batcher.js';
import { StaticGate } from '../../../src/infer/static-gate.js';
import type { Lane, OverflowPolicy } from '../../../src/types.js';
import { FakeTagger } from './fake-tagger.js';
import { grey, SIZE } from './grey-frames.js';

interface Options {
  readonly tagger?: FakeTagger;
  readonly policy?: OverflowPolicy;
  readonly gate?: StaticGate;
  readonly capacity?: number;
}

/** A gated lane of frames that are released into `counts`, and what became of them. */
function open({ tagger = new FakeTagger(), policy = 'wait', capacity = 4, ...rest }: Options = {}) {
  const counts = { received: 0, scored: 0, skipped: 0, dropped: 0, failed: 0, released: 0 };
  const observer = {
    received: () => void counts.received++,
    scored: () => void counts.scored++,
    skipped: () => void counts.skipped++,
    dropped: () => void counts.dropped++,
    failed: () => void counts.failed++,
  };
  const gate = rest.gate ?? new StaticGate(SIZE);
  const batcher = new Batcher({ tagger, maxBatch: 1, maxDelayMs: 0, capacity, observer });
  const lane = batcher.open('a', { policy, gate });
  const push = (ptsMs: number, level: number) =>
    lane.push(grey(ptsMs, level, false, () => void counts.released++));
  return { lane, gate, counts, tagger, push, batcher };
}

/** [time, score, hash] of all that comes. */
async function takeAll(lane: Lane): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { ptsMs, scores, hash } of lane.scored()) all.push([ptsMs, scores[0]!, hash]);
  return all;
}

test('a frame that shows nothing new is given out in its place, with the scores before it and its own hash', async () => {
  const { lane, counts, tagger, push } = open({ tagger: new FakeTagger({ answersAtOnce: true }) });
  for (const [n, level] of [50, 51, 52, 150, 149].entries()) await push(n * 200, level);
  lane.end();
  expect(await takeAll(lane)).toEqual([
    [0, 50, 50],
    [200, 50, 51],
    [400, 50, 52],
    [600, 150, 150],
    [800, 150, 149],
  ]);
  expect(tagger.calls.flatMap(({ names }) => names)).toEqual([50, 150]);
  expect(counts).toEqual({ received: 5, scored: 2, skipped: 3, dropped: 0, failed: 0, released: 5 });
});

test('static frames that come after the scores do not wait for the next frame that is scored', async () => {
  const { lane, push } = open({ tagger: new FakeTagger({ answersAtOnce: true }) });
  const frames = lane.scored()[Symbol.asyncIterator]();
  await push(0, 50);
  expect((await frames.next()).value).toMatchObject({ ptsMs: 0 });
  const next = frames.next();
  await push(200, 50);
  expect((await next).value).toMatchObject({ ptsMs: 200, scores: Float32Array.of(50) });
});

test('the state is that of the frame given out, however far ahead frames are compared', async () => {
  const { lane, gate, push } = open({ tagger: new FakeTagger({ answersAtOnce: true }) });
  const levels = [50, 51, 150, 151, 152, 50];
  for (const [n, level] of levels.entries()) await push(n * 200, level);
  lane.end();
  const states: unknown[] = [];
  for await (const _ of lane.scored()) states.push(gate.state()!['ptsMs']);
  expect(states).toEqual([0, 0, 400, 400, 400, 1000]);
});

test('a lane that goes on after any frame, from the state there, gives what an undisturbed one gives', async () => {
  const levels = [50, 51, 58, 64, 66, 150, 151, 50, 50, 50, 50, 50, 50, 50, 52, 64];
  const gate = new StaticGate(SIZE);
  const states: unknown[] = [];
  const whole = await takeLevels(levels, 0, gate, () =>
    states.push(JSON.parse(JSON.stringify(gate.state()))),
  );
  expect(new Set(whole.map(([, score]) => score)).size).toBe(3);
  for (const [n, state] of states.entries()) {
    const rest = await takeLevels(levels, n + 1, new StaticGate(SIZE, state), () => {});
    expect(rest).toEqual(whole.slice(n + 1));
  }
});

/** What frames 200 ms apart give from the number `from` on. */
async function takeLevels(levels: readonly number[], from: number, gate: StaticGate, onFrame: () => void) {
  const { lane, push } = open({ tagger: new FakeTagger({ answersAtOnce: true }), gate, capacity: 99 });
  for (const [n, level] of levels.entries()) if (n >= from) await push(n * 200, level);
  lane.end();
  const all: number[][] = [];
  for await (const { ptsMs, scores, hash } of lane.scored()) {
    all.push([ptsMs, scores[0]!, hash]);
    onFrame();
  }
  return all;
}

test('a frame that gives way takes those with it that would have had its scores', async () => {
  const { lane, counts, tagger, push } = open({ policy: 'drop-oldest', capacity: 1 });
  for (const [n, level] of [10, 50, 51, 52, 90, 91].entries()) await push(n * 100, level);
  expect(counts).toMatchObject({ dropped: 3, skipped: 0 });
  lane.end();
  const taking = takeAll(lane);
  for (const n of [0, 1]) {
    tagger.calls[n]!.answer();
    await turn();
  }
  expect(await taking).toEqual([
    [0, 10, 10],
    [400, 90, 90],
    [500, 90, 91],
  ]);
  expect(counts).toEqual({ received: 6, scored: 2, skipped: 1, dropped: 3, failed: 0, released: 6 });
});

test('frames like one that could not be scored fail with it, and the next one is scored', async () => {
  const { lane, counts, tagger, push } = open({ policy: 'drop-oldest' });
  await push(0, 50);
  await push(200, 51);
  tagger.calls[0]!.answer([50]);
  await turn();
  await push(400, 52);
  await push(600, 53);
  tagger.calls[1]!.answer();
  lane.end();
  expect(await takeAll(lane)).toEqual([
    [400, 52, 52],
    [600, 52, 53],
  ]);
  expect(counts).toEqual({ received: 4, scored: 1, skipped: 1, dropped: 0, failed: 2, released: 4 });
});

test('a file fails with such a frame, and closing counts what was like it', async () => {
  const { lane, counts, tagger, push } = open();
  await push(0, 50);
  await push(200, 51);
  tagger.calls[0]!.answer([50]);
  await expect(takeAll(lane)).rejects.toThrow('frame 50');
  lane.close();
  expect(counts).toEqual({ received: 2, scored: 0, skipped: 0, dropped: 1, failed: 1, released: 2 });
});

test('whatever comes, order holds, every frame is counted and released once, and files lose nothing', async () => {
  const frame = fc.record({
    level: fc.integer({ min: 0, max: 8 }),
    stepMs: fc.integer({ min: 0, max: 700 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 40 }),
      fc.constantFrom<OverflowPolicy>('wait', 'drop-oldest'),
      fc.integer({ min: 1, max: 3 }),
      async (frames, policy, capacity) => {
        const tagger = new FakeTagger({ answersAtOnce: true });
        const { lane, counts, push, batcher } = open({ tagger, policy, capacity });
        const taking = takeAll(lane);
        let ptsMs = 0;
        for (const { level, stepMs } of frames) await push((ptsMs += stepMs), 30 + 7 * level);
        lane.end();
        const got = await taking;
        await batcher.close();
        expect(got.map(([ms]) => ms)).toEqual(got.map(([ms]) => ms!).toSorted((a, b) => a - b));
        // what is given out has the scores of something that looks like it
        for (const [, score, level] of got) expect(Math.abs(score! - level!)).toBeLessThan(12);
        if (policy === 'wait') expect(got).toHaveLength(frames.length);
        const { received, scored, skipped, dropped, failed, released } = counts;
        expect([received, released]).toEqual([frames.length, frames.length]);
        expect(scored + skipped + dropped + failed).toBe(received);
      },
    ),
    { numRuns: 60 },
  );
});
