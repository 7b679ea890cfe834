import { expect, test } from '@jest/globals';
import { Track } from '../../src/infer/track.js';
import { LiveRecord } from '../../src/live-record.js';
import type { EpochRecorder } from '../../src/publish/epoch-recorder.js';
import type { ScoredFrame, Transition } from '../../src/types.js';

const SMOOTHING = {
  halfLifeMs: 0,
  minOnMs: 400,
  minOffMs: 1000,
  gapToleranceMs: 3000,
  thresholds: [{ enter: 0.6, exit: 0.4 }],
};

function setUp() {
  const changes: string[] = [];
  const track = new Track({ kind: 'live', fps: 5, smoothing: SMOOTHING, labelCount: 1 });
  const written: string[] = [];
  const toText = (transitions: readonly Transition[]) =>
    transitions.map(({ phase, reason }) => `${phase} ${reason}`);
  const recorder = {
    record: async (frame: ScoredFrame, transitions: readonly Transition[]) => {
      if (transitions.length > 0) written.push(`${frame.ptsMs}: ${toText(transitions).join()}`);
    },
    note: async (transitions: readonly Transition[], { state }: { state: string }) => {
      written.push([...toText(transitions), state].join());
    },
    pause: async () => void written.push('paused'),
  } as unknown as EpochRecorder;
  let nowMs = 0;
  const record = new LiveRecord({
    track,
    recorder,
    listener: { changed: (state) => void changes.push(state) },
    streamId: 'gate',
    nowMs: () => nowMs,
    isTaggerLost: () => false,
  });
  const feed = async (fromMs: number, toMs: number): Promise<void> => {
    for (let ptsMs = fromMs; ptsMs < toMs; ptsMs += 200)
      await record.observe({ ptsMs, damaged: false, scores: Float32Array.of(0.9), hash: 0 });
  };
  const setNow = (ms: number): void => void (nowMs = ms);
  return { record, written, changes, feed, setNow };
}

test('what a frame brings is written before the states that go with it', async () => {
  const { record, written, feed } = setUp();
  record.connection('connecting');
  record.connection('online');
  await feed(0, 1000);
  await feed(5000, 5600);
  expect(written).toEqual([
    'connecting',
    'online',
    '400: started threshold',
    '5000: ended gap',
    'gap',
    'online',
    '5400: started threshold',
  ]);
});

test('blindness told by the clock ends segments and is said in one piece; the next frame is online again', async () => {
  const { record, written, feed, setNow } = setUp();
  record.connection('online');
  await feed(0, 1000);
  setNow(5000);
  await record.tick();
  await record.tick();
  await feed(6000, 6200);
  expect(written).toEqual(['online', '400: started threshold', 'ended gap,gap', 'online']);
});

test('a stream that nobody watches any more is offline, said once', async () => {
  const { record, written, feed } = setUp();
  record.connection('online');
  await feed(0, 200);
  await record.finish('pause');
  expect(written).toEqual(['online', 'offline', 'paused']);
  const lost = setUp();
  lost.record.connection('offline', { cause: 'refused', message: 'x' });
  await lost.record.finish('pause');
  expect(lost.written).toEqual(['offline', 'paused']);
});

test('attempts that fail in the same way are said once, and another cause again', async () => {
  const { record, written, changes } = setUp();
  const lost = (cause: 'refused' | 'timeout') => {
    record.connection('connecting');
    record.connection('offline', { cause, message: 'x' });
  };
  for (const cause of ['refused', 'refused', 'timeout'] as const) lost(cause);
  await record.tick();
  expect(written).toEqual(['connecting', 'offline', 'offline']);
  expect(changes).toEqual(written);
});
