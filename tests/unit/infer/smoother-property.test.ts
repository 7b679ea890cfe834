import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Track } from '../../../src/infer/track.js';
import type { ScoredFrame, SmootherState, Transition } from '../../../src/types.js';
import { type Recording, referenceDurationMs, referenceTransitions } from './smoother-reference.js';

const LEVELS = [0, 0.1, 0.3, 0.39, 0.45, 0.5, 0.55, 0.62, 0.8, 0.97, 1];
const level = fc.oneof(fc.constantFrom(...LEVELS), fc.float({ min: 0, max: 1, noNaN: true }));

/** A label's raw scores: plateaus, so that thresholds are crossed slowly and fast. */
const curve = fc
  .array(fc.tuple(level, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 10 })
  .map((plateaus) => plateaus.flatMap(([value, length]) => Array.from({ length }, () => value)));

const thresholds = fc
  .tuple(fc.double({ min: 0.05, max: 0.5, noNaN: true }), fc.double({ min: 0.01, max: 0.4, noNaN: true }))
  .map(([exit, above]) => ({ exit, enter: exit + above }));

const recordings: fc.Arbitrary<Recording> = fc
  .record({
    fps: fc.constantFrom(1, 2, 5, 7.5, 10, 29.97),
    halfLifeMs: fc.constantFrom(0, 1, 100, 200, 400, 3000),
    minOnMs: fc.constantFrom(0, 1, 200, 400, 999, 2500),
    minOffMs: fc.constantFrom(0, 1, 200, 1000, 3000),
    gapToleranceMs: fc.constantFrom(0, 300, 1000, 3000),
    labels: fc.array(fc.tuple(thresholds, curve), { minLength: 1, maxLength: 4 }),
    steps: fc.array(
      fc.tuple(
        fc.constantFrom(1, 1, 1, 1, 1, 0, 0.01, 0.7, 1.04, 2, 3, 3.5, 16),
        fc.integer({ min: 0, max: 9 }),
      ),
      { minLength: 1, maxLength: 60 },
    ),
    firstMs: fc.constantFrom(0, 0, 40, 1000),
    endsAfterMs: fc.constantFrom(null, -5, 0, 1, 20, 200, 5000),
    cause: fc.constantFrom(null, null, 'corrupt' as const),
  })
  .map(({ fps, labels, steps, firstMs, endsAfterMs, cause, ...times }) => {
    const frames = toFrames(
      labels.map(([, scores]) => scores),
      steps,
      fps,
      firstMs,
    );
    const durationMs = endsAfterMs === null ? null : Math.max(0, frames.at(-1)!.ptsMs + endsAfterMs);
    const smoothing = { ...times, thresholds: labels.map(([limits]) => limits) };
    return { fps, smoothing, frames, end: { durationMs, cause } };
  });

function toFrames(
  curves: number[][],
  steps: [number, number][],
  fps: number,
  firstMs: number,
): ScoredFrame[] {
  const count = Math.min(...curves.map((scores) => scores.length));
  let ptsMs = firstMs;
  return Array.from({ length: count }, (_, n) => {
    const [intervals, dice] = steps[n % steps.length]!;
    if (n > 0) ptsMs += Math.round((intervals * 1000) / fps);
    const scores = Float32Array.from(curves, (scores) => scores[n]!);
    return { ptsMs, damaged: dice < (intervals > 3 ? 5 : 1), scores, hash: 0 };
  });
}

function optionsOf({ fps, smoothing }: Recording): ConstructorParameters<typeof Track>[0] {
  return { kind: 'file', fps, smoothing, labelCount: smoothing.thresholds.length };
}

function runTrack(recording: Recording): { transitions: Transition[]; durationMs: number } {
  const track = new Track(optionsOf(recording));
  const transitions = recording.frames.flatMap((frame) => [...track.observe(frame)]);
  return { transitions: [...transitions, ...track.finish(recording.end)], durationMs: track.durationMs };
}

test('any file gives the transitions of the slow reference, number for number', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const { transitions, durationMs } = runTrack(recording);
      expect(transitions).toEqual(referenceTransitions(recording));
      expect(durationMs).toBe(referenceDurationMs(recording));
    }),
    { numRuns: 3000 },
  );
});

test('a track put down as JSON after any frame and taken up again changes nothing', () => {
  fc.assert(
    fc.property(recordings, fc.func(fc.boolean()), (recording, cutsBefore) => {
      let track = new Track(optionsOf(recording));
      const transitions = recording.frames.flatMap((frame, n) => {
        if (cutsBefore(n)) track = new Track(optionsOf(recording), copyThroughJson(track.state()));
        return [...track.observe(frame)];
      });
      transitions.push(...track.finish(recording.end));
      expect(transitions).toEqual(runTrack(recording).transitions);
    }),
    { numRuns: 1000 },
  );
});

test('state survives JSON exactly', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const track = new Track(optionsOf(recording));
      for (const frame of recording.frames) track.observe(frame);
      const state = track.state();
      expect(copyThroughJson(state)).toEqual(state);
      expect(new Track(optionsOf(recording), copyThroughJson(state)).state()).toEqual(state);
    }),
    { numRuns: 300 },
  );
});

test('each label starts and ends in turn, without overlap, and nothing is sure before it ended', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const { transitions } = runTrack(recording);
      const confirmed = transitions.map(({ confirmedMs }) => confirmedMs);
      expect(confirmed).toEqual(confirmed.toSorted((a, b) => a - b));
      for (const label of recording.smoothing.thresholds.keys()) {
        expectTurns(transitions.filter((transition) => transition.label === label));
      }
    }),
    { numRuns: 1000 },
  );
});

test('the labels of a frame do not touch one another', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const { transitions } = runTrack(recording);
      for (const [label, limits] of recording.smoothing.thresholds.entries()) {
        const alone = runTrack({
          ...recording,
          smoothing: { ...recording.smoothing, thresholds: [limits] },
          frames: recording.frames.map((frame) => ({
            ...frame,
            scores: frame.scores.slice(label, label + 1),
          })),
        });
        const own = transitions.filter((transition) => transition.label === label);
        expect(alone.transitions.map((transition) => ({ ...transition, label }))).toEqual(own);
      }
    }),
    { numRuns: 500 },
  );
});

test('the random files reach every kind of transition', () => {
  const kinds = new Map<string, number>();
  for (const recording of fc.sample(recordings, { numRuns: 1000, seed: 7 })) {
    for (const { phase, reason } of runTrack(recording).transitions) {
      kinds.set(`${phase} ${reason}`, (kinds.get(`${phase} ${reason}`) ?? 0) + 1);
    }
  }
  const rare = [...kinds].filter(([, count]) => count < 100);
  expect([...kinds.keys()].toSorted()).toEqual([
    'ended end-of-stream',
    'ended gap',
    'ended threshold',
    'started threshold',
  ]);
  expect(rare).toEqual([]);
});

function expectTurns(transitions: readonly Transition[]): void {
  let freeFromMs = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < transitions.length; n += 2) {
    const [started, ended] = [transitions[n]!, transitions[n + 1]!];
    expect([started.phase, started.endMs, started.atMs]).toEqual(['started', null, started.startMs]);
    expect([ended.phase, ended.startMs, ended.atMs]).toEqual(['ended', started.startMs, ended.endMs]);
    expect(started.startMs).toBeGreaterThanOrEqual(freeFromMs);
    expect(ended.endMs).toBeGreaterThan(ended.startMs);
    expect(ended.confirmedMs).toBeGreaterThanOrEqual(ended.endMs!);
    freeFromMs = ended.endMs!;
  }
}

function copyThroughJson(state: SmootherState): SmootherState {
  return JSON.parse(JSON.stringify(state)) as SmootherState;
}
