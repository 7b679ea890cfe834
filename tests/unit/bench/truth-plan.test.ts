import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Photo } from '../../../bench/truth/photos.js';
import { type ClipPlan, drawShotSeconds, FPS, planClips } from '../../../bench/truth/plan.js';
import { createRandom } from '../../../src/calibrate/random.js';

const PHOTOS = (['dev', 'test'] as const).flatMap((set) =>
  Array.from({ length: 200 }, (_, n): Photo => {
    const source = n % 3 === 0 ? 'voc' : 'coco';
    const positives = n % 2 === 0 ? ['person', 'dog'] : ['cat'];
    const unknown = source === 'voc' ? ['cup'] : [];
    return { file: `${source}/${set}-${n}.jpg`, set, positives, unknown, wrong: false };
  }),
);

function plan(seed: number, set: 'dev' | 'test' = 'dev', clips = 4): ClipPlan[] {
  return planClips(PHOTOS, { seed, set, clips, seconds: 160 });
}

function filesOf(plans: readonly ClipPlan[]): Set<string> {
  return new Set(plans.flatMap(({ shots }) => shots.map(({ photo }) => photo.file)));
}

test('one seed gives the same clips, and more of them begin with the same', () => {
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7, 'dev', 6).slice(0, 4)).toEqual(plan(7));
  expect(plan(8)).not.toEqual(plan(7));
});

test('no shot lasts longer than is asked for', () => {
  const [clip] = planClips(PHOTOS, { seed: 1, set: 'dev', clips: 1, seconds: 600, longest: 12 });
  const seconds = clip!.shots.map(({ startFrame, endFrame }) => (endFrame - startFrame) / FPS);
  expect(Math.max(...seconds)).toBeLessThanOrEqual(12);
  expect(Math.max(...seconds)).toBeGreaterThan(10);
});

test('no clip shows a wrong picture, and one that no clip showed moves nothing', () => {
  const shown = filesOf(plan(1));
  const without = (isWrong: (file: string) => boolean): ClipPlan[] => {
    const photos = PHOTOS.map((photo) => ({ ...photo, wrong: isWrong(photo.file) }));
    return planClips(photos, { seed: 1, set: 'dev', clips: 4, seconds: 160 });
  };
  expect(without((file) => !shown.has(file))).toEqual(plan(1));
  const [wrong] = shown;
  const left = filesOf(without((file) => file === wrong));
  expect(left.size).toBeGreaterThan(10);
  expect(left).not.toContain(wrong);
});

test('dev and test clips show photos of their own set', () => {
  for (const set of ['dev', 'test'] as const) {
    const files = [...filesOf(plan(1, set))];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !file.includes(`/${set}-`))).toEqual([]);
  }
});

test('a photo comes back within a clip, but in no other clip', () => {
  const plans = plan(3);
  const files = plans.map((one) => filesOf([one]));
  expect(filesOf(plans).size).toBe(files.reduce((sum, { size }) => sum + size, 0));
  expect(plans.some(({ shots }, n) => shots.length > files[n]!.size)).toBe(true);
});

test.each([
  [160, 160 / 3],
  [600, 120],
])('in a clip of %d s each ratio of lengths from 2 to %d s is as likely', (clipSeconds, most) => {
  const random = createRandom('lengths');
  const shares = Array.from(
    { length: 20_000 },
    () => Math.log(drawShotSeconds(random, clipSeconds) / 2) / Math.log(most / 2),
  ).sort((a, b) => a - b);
  const distance = Math.max(...shares.map((share, n) => Math.abs(share - (n + 0.5) / shares.length)));
  expect(shares[0]).toBeGreaterThanOrEqual(0);
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
  expect(distance).toBeLessThan(0.0163 / Math.SQRT2); // Kolmogorov and Smirnov's, 1 of 100, of as many numbers
});

test('shots follow each other without a gap, and what befalls them does so one after another, away from cuts', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      for (const { shots, frames } of plan(seed)) {
        expect(frames).toBeGreaterThanOrEqual(160 * FPS);
        expect(shots.map(({ startFrame }) => startFrame)).toEqual([
          0,
          ...shots.slice(0, -1).map(({ endFrame }) => endFrame),
        ]);
        expect(shots.at(-1)!.endFrame).toBe(frames);
        for (const { startFrame, endFrame, entry, effects } of shots) {
          const edges = [
            startFrame + entry.frames / 2,
            ...effects.flatMap((e) => [e.startFrame, e.endFrame]),
            endFrame - 16, // half of the longest fade
          ];
          expect(edges).toEqual(edges.toSorted((a, b) => a - b));
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('every kind of entry and effect comes, and a hole in nearly every clip', () => {
  const plans = Array.from({ length: 10 }, (_, seed) => plan(seed)).flat();
  const shots = plans.flatMap((one) => one.shots);
  expect(new Set(shots.map(({ entry }) => entry.kind))).toEqual(new Set(['cut', 'cross-fade', 'fade']));
  expect(new Set(shots.flatMap(({ effects }) => effects.map(({ kind }) => kind)))).toEqual(
    new Set(['occlusion', 'blur', 'exposure', 'noise', 'freeze', 'stutter', 'missing', 'damaged']),
  );
  const holes = plans.map(
    (one) =>
      one.shots
        .flatMap(({ effects }) => effects)
        .filter(({ kind }) => kind === 'missing' || kind === 'damaged').length,
  );
  expect(Math.max(...holes)).toBe(1);
  expect(holes.filter((count) => count === 1).length).toBeGreaterThan(0.8 * plans.length);
});
