import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Effect } from '../../../bench/truth/effects.js';
import type { Photo } from '../../../bench/truth/photos.js';
import { type ClipPlan, type Entry, planClips, type Shot } from '../../../bench/truth/plan.js';
import { type Span, toTruth } from '../../../bench/truth/truth.js';

const VIEW = { zoom: 1.2, across: 0, down: 0 };
const LABELS = ['cat', 'dog', 'person'];

function photo(positives: readonly string[], unknown: readonly string[] = []): Photo {
  return { file: 'coco/1.jpg', set: 'dev', positives, unknown, wrong: false };
}

function toPlan(
  ...shots: { photo: Photo; frames: number; entry?: Entry; effects?: readonly Effect[] }[]
): ClipPlan {
  let startFrame = 0;
  const placed = shots.map(({ photo, frames, entry, effects = [] }): Shot => {
    const endFrame = startFrame + frames;
    const shot = {
      photo,
      startFrame,
      endFrame,
      entry: entry ?? { kind: 'cut' as const, frames: 0 },
      motion: { frames: 100, from: VIEW, to: VIEW },
      effects,
    };
    startFrame = endFrame;
    return shot;
  });
  return { name: 'dev-01', frames: startFrame, kbps: 200, grain: 4, shots: placed };
}

function optionalOf(plan: ClipPlan): Span[] {
  return [...toTruth(plan, LABELS).optional];
}

test('a label in two shots that touch is one segment, with another shot between it is two', () => {
  const plan = toPlan(
    { photo: photo(['cat', 'person']), frames: 100 },
    { photo: photo(['person']), frames: 50 },
    { photo: photo(['cat', 'zebra']), frames: 100 },
  );
  expect(toTruth(plan, LABELS)).toMatchObject({
    clip: 'dev-01.mp4',
    fps: 25,
    durationMs: 10_000,
    labels: LABELS,
    segments: [
      { label: 'cat', startMs: 0, endMs: 4000 },
      { label: 'person', startMs: 0, endMs: 6000 },
      { label: 'cat', startMs: 6000, endMs: 10_000 },
    ],
    optional: [],
    keyFramesMs: [0, 2000, 4000, 6000, 8000],
  });
});

test('what nobody said of a photo is optional as long as it is on show', () => {
  const plan = toPlan(
    { photo: photo(['cat'], ['dog']), frames: 100 },
    { photo: photo([], ['dog', 'person']), frames: 50 },
  );
  expect(optionalOf(plan)).toEqual([
    { label: 'dog', startMs: 0, endMs: 6000 },
    { label: 'person', startMs: 4000, endMs: 6000 },
  ]);
});

test('while two photos are mixed what only one of them shows is optional, out of black what either shows', () => {
  const pair = (entry: Entry): ClipPlan =>
    toPlan(
      { photo: photo(['cat', 'person']), frames: 100 },
      { photo: photo(['dog', 'person']), frames: 100, entry },
    );
  const span = (label: string): Span => ({ label, startMs: 3800, endMs: 4200 });
  expect(optionalOf(pair({ kind: 'cross-fade', frames: 10 }))).toEqual(['cat', 'dog'].map(span));
  expect(optionalOf(pair({ kind: 'fade', frames: 10 }))).toEqual(['cat', 'dog', 'person'].map(span));
});

test('behind a box a label is optional while more than 0.3 of the frame is covered', () => {
  const box = { kind: 'occlusion', startFrame: 100, endFrame: 200 } as const;
  const plan = (amount: number): ClipPlan =>
    toPlan({ photo: photo(['cat']), frames: 300, effects: [{ ...box, amount }] });
  // in 100 frames its edges move by 1.6 widths of the frame
  expect(optionalOf(plan(0.6))).toEqual([{ label: 'cat', startMs: 4760, endMs: 7280 }]);
  expect(optionalOf(plan(0.29))).toEqual([]);
});

test('in a hole what is there is optional, in a damaged one up to the next key frame', () => {
  const hole = { startFrame: 110, endFrame: 160, amount: 1 } as const;
  const plan = (kind: 'missing' | 'damaged'): ClipPlan =>
    toPlan({ photo: photo(['cat']), frames: 300, effects: [{ kind, ...hole }] });
  expect(optionalOf(plan('missing'))).toEqual([{ label: 'cat', startMs: 4400, endMs: 6400 }]);
  expect(optionalOf(plan('damaged'))).toEqual([{ label: 'cat', startMs: 4240, endMs: 8000 }]);
});

test('frames that are left out move the key frames after them', () => {
  const stutter = { kind: 'stutter', startFrame: 50, endFrame: 100, amount: 2 } as const;
  const { keyFramesMs } = toTruth(toPlan({ photo: photo(['cat']), frames: 200, effects: [stutter] }), LABELS);
  expect(keyFramesMs).toEqual([0, 2000, 5000, 7000]);
});

test('spans of one label neither overlap nor touch, and lie within the clip', () => {
  const photos = ['', 'cat', 'dog', 'person', 'cat dog', 'cat person'].flatMap((text, n) =>
    ['coco', 'voc'].map((source) => ({
      file: `${source}/${n}.jpg`,
      set: 'dev' as const,
      positives: text.split(' ').filter(Boolean),
      unknown: source === 'voc' ? LABELS.filter((label) => !text.includes(label)) : [],
      wrong: false,
    })),
  );
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [plan] = planClips(photos, { seed, set: 'dev', clips: 1, seconds: 160 });
      const { segments, optional, durationMs } = toTruth(plan!, LABELS);
      for (const spans of [segments, optional])
        for (const label of LABELS) {
          const times = spans
            .filter((span) => span.label === label)
            .flatMap(({ startMs, endMs }) => [startMs, endMs]);
          expect([...new Set(times)].sort((a, b) => a - b)).toEqual(times);
          expect(Math.min(0, ...times)).toBe(0);
          expect(Math.max(durationMs, ...times)).toBe(durationMs);
        }
    }),
    { numRuns: 50 },
  );
});
