import { expect, test } from '@jest/globals';
import { InferError } from '../../../src/errors.js';
import { Track, type TrackOptions } from '../../../src/infer/track.js';
import type { TrackWatch } from '../../../src/infer/track-watch.js';
import type { ScoredFrame, SourceEnd, Transition } from '../../../src/types.js';

// 5 frames/s and a half-life of 200 ms: each expected step goes half the way from the average to the raw score.
const OPTIONS: TrackOptions = {
  kind: 'file',
  fps: 5,
  labelCount: 1,
  smoothing: {
    halfLifeMs: 200,
    minOnMs: 400,
    minOffMs: 600,
    gapToleranceMs: 1000,
    thresholds: [{ enter: 0.5, exit: 0.25 }],
  },
};
const WHOLE: SourceEnd = { durationMs: null, cause: null };

function frame(ptsMs: number, score: number, damaged = false): ScoredFrame {
  return { ptsMs, damaged, scores: Float32Array.of(score), hash: 0 };
}

function run(frames: readonly ScoredFrame[], end: SourceEnd, options = OPTIONS): Transition[] {
  const track = new Track(options);
  const transitions = frames.flatMap((next) => [...track.observe(next)]);
  return [...transitions, ...track.finish(end)];
}

function brief({ phase, reason, startMs, endMs, confirmedMs }: Transition): string {
  return `${phase} ${reason} ${startMs}-${endMs ?? ''} @${confirmedMs}`;
}

test('a picture on show for ten seconds keeps its label and counts as observed throughout', () => {
  // 0 and 10 000 seen, held at 200, 400 … 9800: 51 observations; T = 10 000 + 200
  const transitions = run([frame(0, 1), frame(10_000, 1)], WHOLE);
  expect(transitions.map(brief)).toEqual(['started threshold 0- @400', 'ended end-of-stream 0-10200 @10200']);
  expect(transitions[1]!.frames).toEqual({ observed: 51, expected: 51 });
});

test('a label that leaves the picture ends while the next picture is still far away', () => {
  // 1 at 0, 200, 400; 0 at 600 and held: s .5 .25 .125 at 600, 800, 1000 → t2 = 1000, ended at 1600
  const frames = [frame(0, 1), frame(200, 1), frame(400, 1), frame(600, 0), frame(60_000, 0)];
  expect(run(frames, WHOLE).map(brief)).toEqual([
    'started threshold 0- @400',
    'ended threshold 0-1000 @1600',
  ]);
});

test('held observations lie at whole multiples of 1/fps after the frame, rounded, and before the next frame', () => {
  // 7.5/s: held at 133, 267 (266.67), 400, 533, and not at 667 (the next frame is there)
  const options = { ...OPTIONS, fps: 7.5, smoothing: { ...OPTIONS.smoothing, minOnMs: 267 } };
  const transitions = run([frame(0, 1), frame(667, 1)], WHOLE, options);
  expect(transitions.map(brief)).toEqual(['started threshold 0- @267', 'ended end-of-stream 0-800 @800']);
  expect(transitions.map(({ frames }) => frames.observed)).toEqual([3, 6]);
});

test('a frame of 24/s film that comes a little late is not preceded by a held one', () => {
  // at 5/s the first frames of each cell lie at 0, 208, 417, 625: 0 1 1 1 → s 0 .51 .77 …, on from 208
  const frames = [frame(0, 0), frame(208, 1), frame(417, 1), frame(625, 1)];
  expect(run(frames, WHOLE).map(brief)[0]).toBe('started threshold 208- @625');
});

test('a hole is only a gap when damage was reported in it', () => {
  const holed = (damaged: boolean): string[] =>
    run([frame(0, 1), frame(200, 1), frame(400, 1), frame(5400, 1, damaged)], WHOLE).map(brief);
  expect(holed(false)).toEqual(['started threshold 0- @400', 'ended end-of-stream 0-5600 @5600']);
  // pending again from 5400, but T − t1 = 200 < min(400, 5600)
  expect(holed(true)).toEqual(['started threshold 0- @400', 'ended gap 0-400 @5400']);
});

test('a damaged hole no longer than the tolerance is shown through', () => {
  const until = (ptsMs: number): string[] =>
    run([frame(0, 1), frame(200, 1), frame(400, 1), frame(ptsMs, 1, true)], WHOLE).map(brief);
  expect(until(1400)).toEqual(['started threshold 0- @400', 'ended end-of-stream 0-1600 @1600']);
  expect(until(1401)).toEqual(['started threshold 0- @400', 'ended gap 0-400 @1401']);
});

test('the tolerance is never less than three expected intervals', () => {
  const options = { ...OPTIONS, fps: 1 };
  const until = (ptsMs: number): string[] =>
    run([frame(0, 1), frame(1000, 1), frame(ptsMs, 1, true)], WHOLE, options).map(brief);
  expect(until(4000)).toEqual(['started threshold 0- @1000', 'ended end-of-stream 0-5000 @5000']);
  expect(until(4001)).toEqual([
    'started threshold 0- @1000',
    'ended gap 0-1000 @4001',
    'started threshold 4001- @5001',
    'ended end-of-stream 4001-5001 @5001',
  ]);
});

test('a clip of one frame can carry its label', () => {
  // T = 0 + 200; 200 − 0 ≥ min(400, 200)
  const transitions = run([frame(0, 0.75)], WHOLE);
  expect(transitions.map(brief)).toEqual(['started threshold 0- @200', 'ended end-of-stream 0-200 @200']);
  expect(transitions[1]!.score).toEqual({ current: 0.75, peak: 0.75, mean: 0.75 });
});

test('the file ends at its duration or one interval after its last frame, whichever is first', () => {
  const endOf = (durationMs: number | null): number => {
    const track = new Track(OPTIONS);
    track.observe(frame(1000, 0));
    track.finish({ durationMs, cause: null });
    return track.durationMs;
  };
  expect([1001, 1120, 1200, 5000, null].map(endOf)).toEqual([1001, 1120, 1200, 1200, 1200]);
});

test('a duration that the last frame disproves is not believed', () => {
  expect(
    run([frame(0, 1), frame(200, 1), frame(400, 1)], { durationMs: 400, cause: null }).map(brief),
  ).toEqual(['started threshold 0- @400', 'ended end-of-stream 0-600 @600']);
});

test('a file without a frame lasts as long as it says and has no labels', () => {
  const lasting = (durationMs: number | null): unknown[] => {
    const track = new Track(OPTIONS);
    return [track.finish({ durationMs, cause: null }), track.durationMs];
  };
  expect([lasting(null), lasting(1500)]).toEqual([
    [[], 0],
    [[], 1500],
  ]);
});

test('a file cut short ends its segments with a gap at the last frame and drops what was pending', () => {
  const cut: SourceEnd = { durationMs: 60_000, cause: 'corrupt' };
  expect(run([frame(0, 1), frame(200, 1), frame(400, 1), frame(600, 1)], cut).map(brief)).toEqual([
    'started threshold 0- @400',
    'ended gap 0-600 @800',
  ]);
  expect(run([frame(0, 1)], cut)).toEqual([]);
});

test('a track goes on from its state within a hold', () => {
  const first = new Track(OPTIONS);
  first.observe(frame(0, 1));
  const second = new Track(OPTIONS, JSON.parse(JSON.stringify(first.state())));
  expect(second.observe(frame(1000, 0)).map(brief)).toEqual(['started threshold 0- @400']);
  expect(second.openSegments()).toEqual([
    { label: 0, startMs: 0, score: { peak: 1, mean: 5 / 6 }, frames: { observed: 6, expected: 6 } },
  ]);
});

test('where damage hid the pictures is part of the state, and goes on with it; a picture that stands is not', () => {
  const first = new Track(OPTIONS);
  const frames = [frame(0, 1), frame(5000, 1), frame(6000, 1, true), frame(12_000, 1, true)];
  for (const one of frames) first.observe(one);
  expect(first.state()['blind']).toEqual([[6000, 12_000]]);
  const second = new Track(OPTIONS, JSON.parse(JSON.stringify(first.state())));
  second.observe(frame(20_000, 1, true));
  expect(second.state()['blind']).toEqual([
    [6000, 12_000],
    [12_000, 20_000],
  ]);
  expect(() => new Track(OPTIONS, { ...first.state(), blind: [[6000]] })).toThrow(InferError);
  expect(new Track(OPTIONS).state()).not.toHaveProperty('blind');
});

test('scores are copied, so their owner may use the memory again', () => {
  const track = new Track(OPTIONS);
  const shown = frame(0, 1);
  track.observe(shown);
  shown.scores.fill(0);
  expect(track.observe(frame(1000, 1)).map(brief)).toEqual(['started threshold 0- @400']);
});

test('a list once given out is not written to again', () => {
  const track = new Track({ ...OPTIONS, smoothing: { ...OPTIONS.smoothing, minOnMs: 0, minOffMs: 0 } });
  const started = track.observe(frame(0, 1));
  track.observe(frame(200, 0));
  track.observe(frame(1000, 0));
  expect(started.map(brief)).toEqual(['started threshold 0- @0']);
});

test('scores that are not one number per label are refused and change nothing', () => {
  const track = new Track(OPTIONS);
  track.observe(frame(0, 1));
  const before = track.state();
  expect(() => track.observe(frame(200, Number.NaN))).toThrow(InferError);
  expect(() => track.observe({ ...frame(200, 1), scores: new Float32Array(2) })).toThrow(
    'the model did not give 1 numbers for the frame at 200 ms',
  );
  expect(track.state()).toEqual(before);
});

test('a frame earlier than the one before is refused', () => {
  const track = new Track(OPTIONS);
  track.observe(frame(400, 1));
  expect(() => track.observe(frame(399, 1))).toThrow('a frame at 399 ms came after the one at 400 ms');
});

test('thresholds for another number of labels are refused', () => {
  expect(() => new Track({ ...OPTIONS, labelCount: 80 })).toThrow(
    '80 labels are scored but 1 have thresholds',
  );
});

test('a state that is not one of these labels is refused with what to do', () => {
  const state = new Track(OPTIONS).state();
  const limits = OPTIONS.smoothing.thresholds[0]!;
  const two = {
    ...OPTIONS,
    labelCount: 2,
    smoothing: { ...OPTIONS.smoothing, thresholds: [limits, limits] },
  };
  const broken = [{}, { ...state, version: 2 }, { ...state, shown: ['x'] }, { ...state, smoother: null }];
  expect(() => new Track(two, state)).toThrow(InferError);
  for (const bad of broken) expect(() => new Track(OPTIONS, bad)).toThrow(InferError);
});

test('a watch is told each observation with average and phase, held ones too, blindness and the end', () => {
  // s .5 pending; held .75, .875 on; 0: .4375 on, held .21875 closing; blind from 1000 to 3000; then anew
  const told: (string | number)[][] = [];
  const watch: TrackWatch = {
    observed: ({ atMs, isHeld, scores, standingOf }) => {
      const { average, phase } = standingOf(0);
      told.push([atMs, isHeld ? 'held' : 'frame', scores[0]!, average, phase]);
    },
    blind: (fromMs, toMs) => told.push(['blind', fromMs, toMs]),
    ended: (durationMs, cause) => told.push(['ended', durationMs, cause ?? 'whole']),
  };
  const frames = [frame(0, 0), frame(200, 1), frame(800, 0), frame(1000, 0), frame(3000, 0, true)];
  run(frames, WHOLE, { ...OPTIONS, watch });
  expect(told).toEqual([
    [0, 'frame', 0, 0, 'off'],
    [200, 'frame', 1, 0.5, 'pending'],
    [400, 'held', 1, 0.75, 'pending'],
    [600, 'held', 1, 0.875, 'on'],
    [800, 'frame', 0, 0.4375, 'on'],
    [1000, 'frame', 0, 0.21875, 'closing'],
    ['blind', 1000, 3000],
    [3000, 'frame', 0, 0, 'off'],
    ['ended', 3200, 'whole'],
  ]);
});
