import { expect, test } from '@jest/globals';
import { mergeSpans, toLiveGaps } from '../../../src/report/blindness.js';

function framesOf(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.floor((toMs - fromMs) / 200) + 1 }, (_, n) => fromMs + n * 200);
}

const online = (atMs: number) => ({ state: 'online', cause: null, atMs }) as const;
const offline = (atMs: number) => ({ state: 'offline', cause: 'timeout', atMs }) as const;
const connecting = (atMs: number) => ({ state: 'connecting', cause: null, atMs }) as const;

test('a live stream is blind in holes between frames, before the first and after the last', () => {
  const timesMs = [...framesOf(5000, 20_000), ...framesOf(23_000, 30_000), ...framesOf(34_000, 40_000)];
  const standings = [connecting(0), online(5100), offline(41_000)];
  expect(toLiveGaps({ timesMs, standings, durationMs: 60_000 })).toEqual([
    { startMs: 0, endMs: 5000 },
    { startMs: 30_000, endMs: 34_000 }, // 3 s are tolerated
    { startMs: 41_000, endMs: 60_000 },
  ]);
});

test('frames prove that something was seen, whatever the connection was said to be', () => {
  const standings = [online(0), offline(5000), online(12_000)];
  expect(toLiveGaps({ timesMs: framesOf(0, 20_000), standings, durationMs: 20_200 })).toEqual([]);
});

test('a stream with a frame each 4 s is not blind between them', () => {
  const timesMs = Array.from({ length: 10 }, (_, n) => n * 4000);
  expect(toLiveGaps({ timesMs, standings: [online(0)], durationMs: 40_000 })).toEqual([]);
});

test('where no scores were kept, the connection tells', () => {
  const standings = [connecting(0), online(1000), offline(50_000), connecting(55_000), online(70_000)];
  expect(toLiveGaps({ timesMs: [], standings, durationMs: 90_000 })).toEqual([
    { startMs: 50_000, endMs: 70_000 },
  ]);
});

test('spans are put in order, joined and cut to the stream', () => {
  const spans = [
    { startMs: 900, endMs: 2000 },
    { startMs: -50, endMs: 100 },
    { startMs: 100, endMs: 300 },
    { startMs: 400, endMs: 450 },
  ];
  expect(mergeSpans(spans, 1000, 50)).toEqual([
    { startMs: 0, endMs: 300 },
    { startMs: 900, endMs: 1000 },
  ]);
});
