import { expect, test } from '@jest/globals';
import { calibratePhotos } from '../../../src/calibrate/calibrate-photos.js';
import { createRandom } from '../../../src/calibrate/random.js';
import { JUMPY } from './clips.js';

/** Dogs are scored around 0.3 where they are and 0.1 where not; cats around 0.8 and 0.2. */
function toPhotos(count: number) {
  const random = createRandom(3);
  return Array.from({ length: count }, (_, n) => {
    const labels = [...(random.chance(0.5) ? ['cat'] : []), ...(random.chance(0.4) ? ['dog'] : [])];
    const around = (label: string, [yes, no]: readonly [number, number]): number =>
      (labels.includes(label) ? yes : no) + random.between(-0.05, 0.05);
    const scores = Float32Array.of(around('cat', [0.8, 0.2]), around('dog', [0.3, 0.1]));
    return { path: `${n}.jpg`, labels, difficult: [], scores };
  });
}

const names = ['cat', 'dog'];

test('thresholds go between the scores of photos with a label and those without', () => {
  const { smoothing, before, after, gain } = calibratePhotos(toPhotos(300), {
    smoothing: JUMPY,
    names,
    judged: names,
    isTemperatureFixed: false,
  });
  const [cat, dog] = smoothing.thresholds;
  expect(before).toBeLessThan(0.8);
  expect(after).toBeGreaterThan(0.95);
  expect(gain.low).toBeGreaterThan(0.1);
  expect(dog!.enter).toBeLessThan(cat!.enter);
  expect(dog!.exit).toBeLessThan(dog!.enter);
});

test('labels that are not judged keep their thresholds, and difficult ones count for nothing', () => {
  const photos = toPhotos(300).map((photo) => ({ ...photo, difficult: ['dog'] }));
  const { smoothing, positives } = calibratePhotos(photos, {
    smoothing: JUMPY,
    names,
    judged: ['cat'],
    isTemperatureFixed: true,
  });
  expect(positives).toBe(photos.filter(({ labels }) => labels.includes('cat')).length);
  const all = calibratePhotos(photos, { smoothing: JUMPY, names, judged: names, isTemperatureFixed: false });
  expect(all.positives).toBe(positives);
  expect(smoothing.thresholds[1]).toEqual(JUMPY.thresholds[1]);
});

test('what separates them already is kept', () => {
  const photos = toPhotos(300);
  const smoothing = {
    ...JUMPY,
    thresholds: [
      { enter: 0.5, exit: 0.4 },
      { enter: 0.2, exit: 0.15 },
    ],
  };
  const made = calibratePhotos(photos, { smoothing, names, judged: names, isTemperatureFixed: false });
  expect(made.before).toBe(1);
  expect(made.smoothing).toBe(smoothing);
});

test('photos of the same scenes one after the other do not pass for a gain', () => {
  const random = createRandom(11);
  // scores say nothing of the label: only neighbours are alike
  const photos = Array.from({ length: 20 }, () => {
    const labels = random.chance(0.5) ? ['cat'] : [];
    const scores = Float32Array.of(random.between(0.2, 0.8), 0.1);
    return Array.from({ length: 5 }, (_, n) => ({ path: `${n}.jpg`, labels, difficult: [], scores }));
  }).flat();
  const made = calibratePhotos(photos, {
    smoothing: JUMPY,
    names,
    judged: ['cat'],
    isTemperatureFixed: true,
  });
  expect(made.isSure).toBe(false);
  expect(made.smoothing).toBe(JUMPY);
});
