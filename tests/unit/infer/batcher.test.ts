import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InferError } from '../../../src/errors.js';
import { Batcher, type BatcherOptions } from '../../../src/infer/batcher.js';
import type { Lane, OverflowPolicy } from '../../../src/types.js';
import { FakeTagger, FrameMill } from './fake-tagger.js';

const FILE = { policy: 'wait' } as const;
const LIVE = { policy: 'drop-oldest' } as const;

function batcherOf(
  tagger: FakeTagger,
  options: Partial<BatcherOptions> = {},
): { batcher: Batcher; log: string[] } {
  const log: string[] = [];
  const observer = {
    batch: ({ closedBy, frames }: { closedBy: string; frames: number }) =>
      void log.push(`${closedBy} ${frames}`),
    dropped: (stream: string, reason: string) => void log.push(`${stream} dropped ${reason}`),
    failed: (stream: string) => void log.push(`${stream} failed`),
  };
  const batcher = new Batcher({ tagger, maxBatch: 4, maxDelayMs: 0, capacity: 2, observer, ...options });
  return { batcher, log };
}

async function namesOf(lane: Lane): Promise<number[]> {
  const names: number[] = [];
  for await (const frame of lane.scored()) names.push(frame.scores[0]!);
  return names;
}

test('a scored frame keeps its time and damage, and carries the hash of its pixels', async () => {
  const mill = new FrameMill();
  const { batcher } = batcherOf(new FakeTagger({ answersAtOnce: true }));
  const lane = batcher.open('a', FILE);
  await lane.push(mill.frame(3));
  lane.end();
  const got = [];
  for await (const frame of lane.scored()) got.push(frame);
  expect(got).toEqual([{ ptsMs: 600, damaged: true, scores: Float32Array.of(3), hash: 1003 }]);
  expect(mill.releasedOnce).toBe(true);
});

test('streams take turns, and every stream gets its scores in the order of its frames', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ lanes: 2, fileBatch: 2 });
  const { batcher } = batcherOf(tagger, { capacity: 4, maxDelayMs: 1000 });
  const [a, b] = [batcher.open('a', FILE), batcher.open('b', FILE)];
  for (const name of [1, 2, 3, 4]) void a.push(mill.frame(name));
  for (const name of [11, 12]) void b.push(mill.frame(name));
  expect(tagger.calls.map((call) => call.names)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  tagger.calls[1]!.answer();
  await turn();
  expect(tagger.calls[2]!.names).toEqual([11, 12]);
  a.end();
  b.end();
  tagger.calls[2]!.answer();
  tagger.calls[0]!.answer();
  expect(await Promise.all([namesOf(a), namesOf(b)])).toEqual([
    [1, 2, 3, 4],
    [11, 12],
  ]);
});

test('a waiting stream does not let another starve', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 2 });
  const { batcher } = batcherOf(tagger, { capacity: 4, maxDelayMs: 1000 });
  const [a, b, c] = ['a', 'b', 'c'].map((id) => batcher.open(id, FILE)) as [Lane, Lane, Lane];
  for (const name of [1, 2, 3, 4]) void a.push(mill.frame(name));
  for (const name of [11, 12]) void b.push(mill.frame(name));
  void c.push(mill.frame(21));
  for (const n of [0, 1, 2]) {
    tagger.calls[n]!.answer();
    await turn();
  }
  expect(tagger.calls.map((call) => call.names)).toEqual([
    [1, 2],
    [11, 21],
    [3, 12],
  ]);
});

test('live frames go before files, and a batch with a file is called fixed', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 2 });
  const { batcher } = batcherOf(tagger, { capacity: 8, maxDelayMs: 1000 });
  const [file, live] = [batcher.open('file', FILE), batcher.open('live', LIVE)];
  for (const name of [1, 2, 3, 4, 5]) void file.push(mill.frame(name));
  for (const name of [11, 12, 13]) void live.push(mill.frame(name));
  for (const n of [0, 1, 2]) {
    tagger.calls[n]!.answer();
    await turn();
  }
  expect(tagger.calls.map(({ names, fixed }) => [names, fixed])).toEqual([
    [[1, 2], true],
    [[11, 12, 13], false],
    [[3, 4], true],
  ]);
});

test('drop-oldest evicts from the same stream only, and counts it', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ maxBatch: 1 });
  const { batcher, log } = batcherOf(tagger, { maxBatch: 1 });
  const [slow, other] = [batcher.open('slow', LIVE), batcher.open('other', LIVE)];
  for (const name of [0, 1, 2, 3, 4]) await slow.push(mill.frame(name));
  await other.push(mill.frame(11));
  for (const lane of [slow, other]) lane.end();
  const answering = (async () => {
    for (let n = 0; n < 4; n++) {
      tagger.calls[n]!.answer();
      await turn();
    }
  })();
  expect(await Promise.all([namesOf(slow), namesOf(other), answering])).toEqual([[0, 3, 4], [11], undefined]);
  expect(log.filter((line) => line.includes('dropped'))).toEqual(Array(2).fill('slow dropped overflow'));
  expect(mill.releasedOnce).toBe(true);
});

test('with a tagger that never answers, what is held is streams × capacity and two batches, exactly', async () => {
  const mill = new FrameMill();
  const { batcher } = batcherOf(new FakeTagger({ lanes: 5, fileBatch: 1 }), {
    maxBatch: 3,
    maxDelayMs: 1000,
  });
  const streams = ['a', 'b', 'c', 'd'].map((id) => batcher.open(id, LIVE));
  for (let name = 0; name < 80; name++) await streams[name % 4]!.push(mill.frame(name));
  expect(mill.held).toBe(4 * 2 + 2 * 3);
});

test('a file waits when its share is full, and goes on when there is room', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 1 });
  const { batcher } = batcherOf(tagger, { maxBatch: 1 });
  const lane = batcher.open('a', FILE);
  await lane.push(mill.frame(0));
  await lane.push(mill.frame(1));
  let isThrough = false;
  const pushed = lane.push(mill.frame(2)).then(() => {
    isThrough = true;
  });
  await turn();
  expect(isThrough).toBe(false);
  await expect(lane.push(mill.frame(3))).rejects.toThrow('before there was room');
  tagger.calls[0]!.answer();
  await pushed;
  expect([mill.releases.get(0), mill.releases.get(3), mill.held]).toEqual([1, 1, 2]);
});

test('a stream whose scores nobody takes stops after two batches, and does not stop others', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ lanes: 1, answersAtOnce: true });
  const { batcher, log } = batcherOf(tagger, { maxBatch: 1, capacity: 2 });
  const [stuck, fine] = [batcher.open('stuck', LIVE), batcher.open('fine', LIVE)];
  for (let name = 0; name < 20; name++) {
    await stuck.push(mill.frame(name));
    await turn();
  }
  expect(tagger.calls.flatMap((call) => call.names)).toEqual([0, 1]);
  expect(log.filter((line) => line === 'stuck dropped overflow')).toHaveLength(16);
  await fine.push(mill.frame(100));
  fine.end();
  expect(await namesOf(fine)).toEqual([100]);
});

test('a batch is closed when full, when its oldest frame waited long enough, or when nothing can come', async () => {
  const mill = new FrameMill();
  const tagger = () => new FakeTagger({ lanes: 1, maxBatch: 2, fileBatch: 2, answersAtOnce: true });
  const patient = batcherOf(tagger(), { maxBatch: 2, maxDelayMs: 60_000 });
  const lane = patient.batcher.open('a', LIVE);
  await lane.push(mill.frame(0));
  await lane.push(mill.frame(1));
  const scored = lane.scored()[Symbol.asyncIterator]();
  await scored.next();
  await scored.next();
  const file = patient.batcher.open('b', FILE);
  lane.end();
  await file.push(mill.frame(2));
  file.end();
  expect(await namesOf(file)).toEqual([2]);
  expect(patient.log).toEqual(['size 2', 'end 1']);

  const hasty = batcherOf(tagger(), { maxBatch: 2, maxDelayMs: 5 });
  const alone = hasty.batcher.open('a', LIVE);
  await alone.push(mill.frame(3));
  await alone.scored()[Symbol.asyncIterator]().next();
  expect(hasty.log).toEqual(['delay 1']);
});

test('a file fails with its first frame that cannot be scored, after the frames before it', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 2 });
  const { batcher, log } = batcherOf(tagger, { capacity: 4, maxDelayMs: 1000 });
  const lane = batcher.open('a', FILE);
  for (const name of [0, 1, 2]) await lane.push(mill.frame(name));
  const scored = lane.scored()[Symbol.asyncIterator]();
  tagger.calls[0]!.answer([1]);
  expect((await scored.next()).value).toMatchObject({ ptsMs: 0 });
  await expect(scored.next()).rejects.toThrow('frame 1');
  await lane.push(mill.frame(3));
  expect(log).toEqual(['size 2', 'a failed', 'a dropped closed', 'a dropped closed']);
  expect(mill.releasedOnce).toBe(true);
});

test('a live stream goes on without the frame that cannot be scored', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger();
  const { batcher, log } = batcherOf(tagger, { capacity: 4, maxDelayMs: 1000 });
  const lane = batcher.open('a', LIVE);
  for (const name of [0, 1, 2, 3]) await lane.push(mill.frame(name));
  lane.end();
  tagger.calls[0]!.answer([1, 2]);
  expect(await namesOf(lane)).toEqual([0, 3]);
  expect(log).toEqual(['size 4', 'a failed', 'a failed']);
  expect(mill.releasedOnce).toBe(true);
});

test('when the tagger is lost, files fail and everything is released once', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 1 });
  const { batcher } = batcherOf(tagger);
  const lane = batcher.open('a', FILE);
  await lane.push(mill.frame(0));
  await lane.push(mill.frame(1));
  const rest = lane.push(mill.frame(2));
  tagger.calls[0]!.reject(new InferError('the tagger is gone'));
  await expect(namesOf(lane)).rejects.toThrow('the tagger is gone');
  await rest;
  expect(mill.releasedOnce).toBe(true);
});

test('a file fails when the batch size it began with no longer fits; a later one begins with the smaller', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 2 });
  const { batcher } = batcherOf(tagger, { capacity: 4, maxDelayMs: 1000 });
  const [a, b] = [batcher.open('a', FILE), batcher.open('b', FILE)];
  await a.push(mill.frame(0));
  await a.push(mill.frame(1));
  await b.push(mill.frame(11));
  tagger.fileBatch = 1;
  tagger.calls[0]!.answer([0, 1]);
  await expect(namesOf(a)).rejects.toThrow('frame 0');
  await expect(namesOf(b)).rejects.toThrow('(fake/2: provider and frames in a batch) is lost');
  const late = batcher.open('late', FILE);
  await late.push(mill.frame(21));
  late.end();
  tagger.calls[1]!.answer();
  expect(await namesOf(late)).toEqual([21]);
  expect(mill.releasedOnce).toBe(true);
});

test('closing a lane frees whoever waits for it, and releases what it holds once', async () => {
  const mill = new FrameMill();
  const tagger = new FakeTagger({ fileBatch: 1 });
  const { batcher, log } = batcherOf(tagger);
  const lane = batcher.open('a', FILE);
  await lane.push(mill.frame(0));
  await lane.push(mill.frame(1));
  const waiting = lane.push(mill.frame(2));
  const reading = namesOf(lane);
  lane.close();
  lane.close();
  await waiting;
  expect(await reading).toEqual([]);
  expect(mill.held).toBe(1); // it is with the tagger
  const closed = batcher.close();
  tagger.calls[0]!.answer();
  await closed;
  await lane.push(mill.frame(3));
  expect(mill.releasedOnce).toBe(true);
  expect(log.slice(1)).toEqual(Array(4).fill('a dropped closed'));
  expect(() => batcher.open('b', FILE)).toThrow('the queue is closed');
});

test('a frame after the end is refused and released', async () => {
  const mill = new FrameMill();
  const { batcher } = batcherOf(new FakeTagger());
  const lane = batcher.open('a', LIVE);
  lane.end();
  await expect(lane.push(mill.frame(0))).rejects.toThrow('after the end');
  expect(mill.releasedOnce).toBe(true);
});

test('whatever the streams and the tagger, order holds, files lose nothing, and every frame is released once', async () => {
  const stream = fc.record({
    policy: fc.constantFrom<OverflowPolicy>('wait', 'drop-oldest'),
    frames: fc.nat(12),
  });
  const sizes = fc.record({
    lanes: fc.integer({ min: 1, max: 3 }),
    maxBatch: fc.integer({ min: 1, max: 4 }),
    fileBatch: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(stream, { maxLength: 5 }),
      sizes,
      async (streams, { lanes, maxBatch, fileBatch }) => {
        const mill = new FrameMill();
        const tagger = new FakeTagger({ lanes, maxBatch, fileBatch, answersAtOnce: true });
        const { batcher } = batcherOf(tagger, { maxBatch });
        const results = await Promise.all(
          streams.map(async ({ policy, frames }, at) => {
            const lane = batcher.open(`${at}`, { policy });
            const reading = namesOf(lane);
            for (let n = 0; n < frames; n++) await lane.push(mill.frame(at * 16 + n));
            lane.end();
            return (await reading).map((name) => name - at * 16);
          }),
        );
        await batcher.close();
        for (const [at, got] of results.entries()) {
          const { policy, frames } = streams[at]!;
          expect(got).toEqual([...got].sort((a, b) => a - b));
          if (policy === 'wait') expect(got).toHaveLength(frames);
        }
        expect(mill.releasedOnce).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
