import { expect, test } from '@jest/globals';
import type { LabelTrace } from '../../../src/explain/label-trace.js';
import { type RecordedLabel, retrace } from '../../../src/explain/retrace.js';
import { smoothingOf, toSmoothingState } from '../../../src/model-state.js';
import { type Scene, traceOf } from './traces.js';

const SMOOTHING = { halfLifeMs: 200, minOnMs: 400, minOffMs: 600, gapToleranceMs: 1000 };
const WHOLE = { durationMs: null, cause: null };

function recordedOf({ label, thresholds, points, blind, segments }: LabelTrace): RecordedLabel {
  const frames = points.filter(({ isHeld }) => !isHeld);
  const scores = Float32Array.from(frames, ({ score }) => score);
  const timesMs = frames.map(({ atMs }) => atMs);
  return { label, thresholds, timesMs, scores, blind, end: WHOLE, segments };
}

test.each<[string, Scene]>([
  ['a segment and a start too short', { scores: [0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0] }],
  ['a clip that damage hides for a while', { scores: [1, 1, 1, ...Array<null>(8).fill(null), 1, 1, 1, 1] }],
  ['nothing', { scores: [0, 0.1, 0] }],
])('frames and settings alone tell what happened: %s', (_, scene) => {
  const trace = traceOf(scene);
  expect(retrace(recordedOf(trace), { fps: 5, smoothing: SMOOTHING })).toEqual(trace);
});

test('a run that is not over, and a file cut short, end as they did', () => {
  const open = traceOf({ scores: [1, 1, 1, 1], end: null });
  expect(retrace({ ...recordedOf(open), end: null }, { fps: 5, smoothing: SMOOTHING })).toEqual(open);
  const end = { durationMs: null, cause: 'corrupt' } as const;
  const cut = traceOf({ scores: [1, 1, 1, 1], end });
  expect(retrace({ ...recordedOf(cut), end }, { fps: 5, smoothing: SMOOTHING })).toEqual(cut);
});

test('what does not lead to the published segments explains nothing', () => {
  const recorded = recordedOf(traceOf({ scores: [0, 1, 1, 1, 1, 0, 0, 0, 0, 0] }));
  const other = { ...SMOOTHING, minOnMs: 2000 };
  expect(retrace(recorded, { fps: 5, smoothing: other })).toBeNull();
  expect(retrace({ ...recorded, segments: [] }, { fps: 5, smoothing: SMOOTHING })).toBeNull();
});

test('a label that is on at the end of a file of key frames ends as it was published', () => {
  const timesMs = [0, 2000, 4000, 6000, 8000];
  const thresholds = { enter: 0.5, exit: 0.25 };
  const smoothing = { ...SMOOTHING, thresholds: [thresholds] };
  const recorded: RecordedLabel = {
    label: 'dog',
    thresholds,
    timesMs,
    scores: Float32Array.of(0, 1, 1, 1, 1),
    blind: [],
    end: { durationMs: 10_000, cause: null },
    segments: [{ ...traceOf({ scores: [1, 1, 1] }).segments[0]!, startMs: 2000, endMs: 10_000 }],
  };
  const inForceOf = (keyframesOnly: boolean) => {
    const smoother = toSmoothingState({ fps: 5, keyframesOnly, smoothing });
    return smoothingOf({ lastMs: 8000, frameHash: 0, nextSequence: 2, smoother })!;
  };
  expect(retrace(recorded, inForceOf(true))).toMatchObject({ endMs: 10_000 });
  expect(retrace(recorded, inForceOf(false))).toBeNull();
});
