import { expect, test } from '@jest/globals';
import { InferError } from '../../../src/errors.js';
import { Track, type TrackOptions } from '../../../src/infer/track.js';
import type { ScoredFrame, SourceEnd, Transition } from '../../../src/types.js';

// Half-life 0: the average is the raw score.
const FILE: TrackOptions = {
  kind: 'file',
  fps: 5,
  keyframesOnly: true,
  labelCount: 1,
  smoothing: {
    halfLifeMs: 0,
    minOnMs: 400,
    minOffMs: 1000,
    gapToleranceMs: 3000,
    thresholds: [{ enter: 0.6, exit: 0.4 }],
  },
};
const LIVE: TrackOptions = { ...FILE, kind: 'live', resumeToleranceMs: 15_000 };
const WHOLE: SourceEnd = { durationMs: 60_000, cause: null };

function frame(ptsMs: number, score: number, damaged = false): ScoredFrame {
  return { ptsMs, damaged, scores: Float32Array.of(score), hash: 0 };
}

function brief({ phase, reason, startMs, endMs, confirmedMs, frames }: Transition): string {
  return `${phase} ${reason} ${startMs}-${endMs ?? ''} @${confirmedMs} ${frames.observed}/${frames.expected}`;
}

function feed(track: Track, ...frames: readonly ScoredFrame[]): string[] {
  return frames.flatMap((one) => track.observe(one).map(brief));
}

/** Key frames each 2 s from `fromMs` on, `toMs` excluded. */
function each2s(fromMs: number, toMs: number, score: number): ScoredFrame[] {
  const count = Math.ceil((toMs - fromMs) / 2000);
  return Array.from({ length: count }, (_, n) => frame(fromMs + n * 2000, score));
}

function again(track: Track, options: TrackOptions): Track {
  return new Track(options, JSON.parse(JSON.stringify(track.state())));
}

test('in a file a key frame stands for the pictures up to the next, so that a single one can carry a label', () => {
  const made = feed(new Track(FILE), frame(0, 0), frame(2000, 0.9), frame(4000, 0), frame(6000, 0));
  expect(made).toEqual(['started threshold 2000- @2400 3/3', 'ended threshold 2000-4000 @5000 16/16']);
});

test('in a file damage is a gap where key frames are three times as far apart as they were', () => {
  const until = (ptsMs: number) => feed(new Track(FILE), ...each2s(0, 8000, 0.9), frame(ptsMs, 0.9, true));
  expect(until(12_000)).toEqual(['started threshold 0- @400 3/3']);
  expect(until(12_001)).toEqual(['started threshold 0- @400 3/3', 'ended gap 0-6000 @12001 31/31']);
});

test('a file ends as long after its last key frame as they were apart, with a single one when it says', () => {
  const endOf = (durationMs: number | null, ...frames: readonly ScoredFrame[]) => {
    const track = new Track(FILE);
    feed(track, ...frames);
    track.finish({ durationMs, cause: null });
    return track.durationMs;
  };
  const frames = each2s(0, 6000, 0);
  expect([5000, 6000, 9000, null].map((ms) => endOf(ms, ...frames))).toEqual([5000, 6000, 6000, 4200]);
  expect([12_000, null].map((ms) => endOf(ms, frame(0, 0)))).toEqual([12_000, 200]);
});

test('a single key frame can carry a label through its clip', () => {
  const track = new Track(FILE);
  feed(track, frame(0, 0.9));
  expect(track.finish(WHOLE).map(brief)).toEqual([
    'started threshold 0- @60000 1/1',
    'ended end-of-stream 0-60000 @60000 1/1',
  ]);
});

test('a track built from the state of another knows how far apart key frames are', () => {
  const whole = new Track(FILE);
  feed(whole, ...each2s(0, 8000, 0.9));
  const rest = again(whole, FILE);
  expect(rest.state()).toEqual(whole.state());
  feed(whole, frame(9000, 0.9));
  const later = again(rest, FILE);
  feed(later, frame(9000, 0.9));
  expect(later.state()).toEqual(whole.state());
  expect(feed(rest, frame(12_001, 0.9, true))).toEqual(['ended gap 0-6000 @12001 31/31']);
  expect(() => new Track(FILE, { ...whole.state(), intervals: ['2000'] })).toThrow(InferError);
});

test('where all frames are scored nothing is measured', () => {
  const track = new Track({ ...FILE, keyframesOnly: false });
  feed(track, ...each2s(0, 8000, 0.9));
  expect(track.state()).not.toHaveProperty('intervals');
});

test('a live stream is blind after three of its measured intervals, by frame and by clock, and not before', () => {
  const byClock = new Track(LIVE);
  feed(byClock, ...each2s(0, 8000, 0.9));
  expect(byClock.tick(6000 + 6000 + 1000)).toEqual([]);
  expect(byClock.tick(6000 + 6000 + 1001).map(brief)).toEqual(['ended gap 0-6000 @13001 4/4']);
  const byFrame = new Track(LIVE);
  feed(byFrame, ...each2s(0, 8000, 0.9));
  expect(feed(byFrame, frame(12_001, 0.9))).toEqual(['ended gap 0-6000 @12001 4/4']);
});

test('key frames 15 s apart are no blindness', () => {
  const track = new Track(LIVE);
  const made = [0, 15_000, 30_000, 45_000].flatMap((ms) => [
    ...track.tick(ms - 1).map(brief),
    ...feed(track, frame(ms, 0.9)),
  ]);
  expect([made, track.gaps]).toEqual([
    ['started threshold 0- @15000 2/2', 'updated heartbeat 0- @30000 3/3'],
    0,
  ]);
});

test('key frames that are suddenly ten times as far apart are two gaps, and then expected', () => {
  const track = new Track(LIVE);
  const later = Array.from({ length: 12 }, (_, n) => frame(26_000 + n * 20_000, 0.9));
  feed(track, ...each2s(0, 8000, 0.9), ...later);
  expect(track.gaps).toBe(2);
});

/** Frames after one at `fromMs`, each so many milliseconds after the one before. */
function apart(fromMs: number, distancesMs: readonly number[], damaged = false): ScoredFrame[] {
  let atMs = fromMs;
  return distancesMs.map((ms) => frame((atMs += ms), 0.9, damaged));
}

test.each([FILE, LIVE])('one hole after another does not widen what is tolerated: $kind', (options) => {
  const track = new Track(options);
  const isFile = options.kind === 'file';
  feed(track, ...each2s(0, 80_000, 0.9), ...apart(78_000, [5900], isFile));
  expect(track.gaps).toBe(0);
  feed(track, ...apart(83_900, [17_800, 53_500, 150_000], isFile));
  expect(track.gaps).toBe(3);
});

test('an outage of a camera does not widen what is tolerated', () => {
  const track = new Track(LIVE);
  feed(track, ...each2s(0, 20_000, 0.9), ...each2s(58_000, 70_000, 0.9));
  expect(track.gaps).toBe(1);
  feed(track, frame(74_001, 0.9));
  expect(track.gaps).toBe(2);
});

test.each([
  ['a calm scene now and then', [1000, 1000, 1000, 8000]],
  ['all lengths', [1000, 5000, 2000, 8000, 3000, 7000, 4000, 6000]],
])('a camera whose key frames are 1 to 8 s apart is soon never taken for blind: %s', (_, distancesMs) => {
  const track = new Track(LIVE);
  const frames = apart(0, Array.from({ length: 25 }, () => distancesMs).flat());
  const gapsAt = frames.map((one) => {
    track.tick(one.ptsMs);
    track.observe(one);
    return track.gaps;
  });
  expect(gapsAt.at(-1)).toBeLessThanOrEqual(2);
  expect(gapsAt.at(-1)).toBe(gapsAt[16]);
});

test('in an undamaged file no distance of key frames is a gap, and the last one stands as long as any did', () => {
  const track = new Track(FILE);
  feed(track, ...apart(0, [300, 400, 300, 10_000, 300, 300, 120_000, 500, 10_000, 300]));
  expect(track.gaps).toBe(0);
  const lastMs = 142_400;
  track.finish({ durationMs: lastMs + 9000, cause: null });
  expect(track.durationMs).toBe(lastMs + 9000);
});

test('key frames more than a minute apart are a gap each', () => {
  const track = new Track(LIVE);
  feed(track, frame(0, 0.9), frame(60_001, 0.9), frame(120_002, 0.9));
  expect(track.gaps).toBe(2);
});

test('distances that were twice long are forgotten after 32 others', () => {
  const track = new Track(LIVE);
  feed(track, frame(0, 0), frame(20_000, 0), frame(40_000, 0), ...each2s(42_000, 104_000, 0));
  expect(track.state()['intervals']).toHaveLength(32);
  feed(track, frame(104_000, 0), frame(111_000, 0));
  expect(track.gaps).toBe(1);
});
