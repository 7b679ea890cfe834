import { expect, test } from '@jest/globals';
import { candidatesHere, refusalOf, toWords } from '../../../src/infer/provider-ladder.js';

test('a GPU is refused when it is slower than the CPU, or scores otherwise', () => {
  expect(refusalOf({ furthest: 0.0004, pace: 12.3 })).toBeNull();
  expect(refusalOf({ furthest: 0.02, pace: 1 })).toBeNull();
  expect(refusalOf({ furthest: 0.021, pace: 12.3 })).toBe(
    "a score differs from the CPU's by 0.021, allowed are 0.02",
  );
  expect(refusalOf({ furthest: Number.NaN, pace: 12.3 })).toContain('differs');
  expect(refusalOf({ furthest: 0, pace: 0.94 })).toBe(
    'it is slower than the CPU: 0.94 times its frames a second',
  );
  expect(toWords({ furthest: 0.00042, pace: 12.34 })).toBe(
    '12.3 times the frames a second of the CPU, scores within 0.0004 of it',
  );
});

test('a GPU is tried where there may be one', () => {
  expect(candidatesHere('darwin', {})).toEqual(['webgpu']);
  expect(candidatesHere('linux', { LABELCAST_ORT_LIBS: '/opt/ort' })).toContain('cuda');
  expect(candidatesHere('linux', { VK_ICD_FILENAMES: '/opt/icd.json' })).toContain('webgpu');
});
