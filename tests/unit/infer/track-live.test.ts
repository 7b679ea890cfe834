import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Track } from '../../../src/infer/track.js';
import type { SmootherState, Smoothing, Transition } from '../../../src/types.js';

const SMOOTHING: Smoothing = {
  halfLifeMs: 0,
  minOnMs: 400,
  minOffMs: 1000,
  gapToleranceMs: 3000,
  thresholds: [{ enter: 0.6, exit: 0.4 }],
};
const OPTIONS = {
  kind: 'live',
  fps: 5,
  smoothing: SMOOTHING,
  labelCount: 1,
  resumeToleranceMs: 15_000,
} as const;

function frame(ptsMs: number, score: number) {
  return { ptsMs, damaged: false, scores: Float32Array.of(score), hash: 0 };
}

/** Frames each 200 ms from `fromMs` on, `toMs` excluded. */
function feed(track: Track, fromMs: number, toMs: number, score: number): Transition[] {
  const made: Transition[] = [];
  for (let at = fromMs; at < toMs; at += 200) made.push(...track.observe(frame(at, score)));
  return made;
}

function brief({ phase, reason, startMs, endMs, atMs, confirmedMs, frames }: Transition): string {
  return `${phase} ${reason} ${startMs}-${endMs ?? ''} at ${atMs} @${confirmedMs} ${frames.observed}/${frames.expected}`;
}

test('an open segment has a heartbeat each 30 s of media time from its start, told by the frame that reaches it', () => {
  const made = feed(new Track(OPTIONS), 100, 61_000, 0.9);
  expect(made.map(brief)).toEqual([
    'started threshold 100- at 100 @500 3/3',
    'updated heartbeat 100- at 30100 @30100 151/151',
    'updated heartbeat 100- at 60100 @60100 301/301',
  ]);
});

test('nothing is held on a live stream: a hole within the tolerance leaves frames that were expected', () => {
  const track = new Track(OPTIONS);
  feed(track, 0, 1000, 0.9);
  expect(track.tick(4000)).toEqual([]);
  expect(track.observe(frame(3600, 0.1)).map(brief)).toEqual([]);
  expect(feed(track, 3800, 4800, 0.1).map(brief)).toEqual(['ended threshold 0-3600 at 3600 @4600 11/24']);
});

test('a longer hole is a gap, told by the clock or by the next frame, and ends at the last frame', () => {
  const byClock = new Track(OPTIONS);
  feed(byClock, 0, 1000, 0.9);
  expect(byClock.tick(4800)).toEqual([]); // a frame may still be on its way
  expect(byClock.tick(4900).map(brief)).toEqual(['ended gap 0-800 at 800 @4900 5/5']);
  expect([byClock.gaps, byClock.tick(9000)]).toEqual([1, []]);
  const byFrame = new Track(OPTIONS);
  feed(byFrame, 0, 1000, 0.9);
  expect(byFrame.observe(frame(3801, 0.9)).map(brief)).toEqual(['ended gap 0-800 at 800 @3801 5/5']);
  expect(byFrame.gaps).toBe(1);
});

test('a restart within the tolerance goes on with what was open, by an update, and drops what was pending', () => {
  const before = new Track(OPTIONS);
  feed(before, 0, 1000, 0.9);
  const after = new Track(OPTIONS, roundTrip(before));
  expect(after.tick(15_000)).toEqual([]);
  expect(after.observe(frame(15_800, 0.9)).map(brief)).toEqual(['updated resumed 0- at 15800 @15800 6/80']);
  expect(after.observe(frame(16_000, 0.9))).toEqual([]);
  const pending = new Track(OPTIONS);
  feed(pending, 0, 400, 0.9);
  const later = new Track(OPTIONS, roundTrip(pending));
  expect(feed(later, 5000, 5600, 0.9).map(brief)).toEqual(['started threshold 5000- at 5000 @5400 3/3']);
});

test('a later restart ends what was open at the last frame, as a gap', () => {
  const before = new Track(OPTIONS);
  feed(before, 0, 1000, 0.9);
  const byFrame = new Track(OPTIONS, roundTrip(before));
  expect(byFrame.observe(frame(15_801, 0.9)).map(brief)).toEqual(['ended gap 0-800 at 800 @15801 5/5']);
  const byClock = new Track(OPTIONS, roundTrip(before));
  expect(byClock.tick(16_801).map(brief)).toEqual(['ended gap 0-800 at 800 @16801 5/5']);
});

test('an end that is asked for closes what is open, with its reason', () => {
  const track = new Track(OPTIONS);
  feed(track, 0, 1000, 0.9);
  expect(track.finish({ durationMs: null, cause: null }, 'shutdown').map(brief)).toEqual([
    'ended shutdown 0-1000 at 1000 @1000 5/5',
  ]);
});

test('whatever comes and whenever it stops, segments begin once, end once, and in order', () => {
  const step = fc.record({
    waitMs: fc.constantFrom(1, 150, 200, 200, 200, 1000, 2900, 3100, 20_000),
    score: fc.constantFrom(0, 0.5, 0.9),
    event: fc.constantFrom('nothing', 'nothing', 'nothing', 'restart', 'tick'),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
      let track = new Track(OPTIONS);
      let atMs = 0;
      const made: Transition[] = [];
      for (const { waitMs, score, event } of steps) {
        atMs += waitMs;
        made.push(...track.observe(frame(atMs, score)));
        if (event === 'restart') track = new Track(OPTIONS, roundTrip(track));
        if (event === 'tick') {
          atMs += 5000;
          made.push(...track.tick(atMs));
        }
      }
      made.push(...track.cut('gap', atMs));
      let open: number | null = null;
      for (const { phase, startMs, endMs, frames } of made) {
        expect(frames.observed).toBeLessThanOrEqual(frames.expected);
        if (phase === 'started') expect(open).toBeNull();
        else expect(open).toBe(startMs);
        if (phase === 'ended') expect(endMs).toBeGreaterThan(startMs);
        open = phase === 'ended' ? null : startMs;
      }
      expect(open).toBeNull();
    }),
  );
});

function roundTrip(track: Track): SmootherState {
  return JSON.parse(JSON.stringify(track.state())) as SmootherState;
}
