import { expect, test } from '@jest/globals';
import { toPast, toScore, toUtc } from '../../../src/cli/option-values.js';

test.each([
  ['2026-01-05T10:00:00Z', Date.UTC(2026, 0, 5, 10)],
  ['2026-01-05T10:00+02:00', Date.UTC(2026, 0, 5, 8)],
  ['2026-01-05 10:00', new Date(2026, 0, 5, 10).getTime()],
  ['2026-01-05', new Date(2026, 0, 5).getTime()],
])('%s is a moment', (text, ms) => {
  expect(toPast(text).getTime()).toBe(ms);
});

test('a length is so long ago', () => {
  const before = Date.now();
  const agoMs = before - toPast('1.5h').getTime();
  expect(agoMs).toBeLessThanOrEqual(5_400_000);
  expect(agoMs).toBeGreaterThanOrEqual(5_400_000 - (Date.now() - before));
});

test.each(['', '10', 'yesterday', '2026', '2026-13-01', '2026-02-30', '10:00', '-1h', '999999999999d'])(
  '%j is no moment',
  (text) => {
    expect(() => toPast(text)).toThrow('Write it as 10m');
  },
);

test('a score is between 0 and 1', () => {
  expect([toScore('0'), toScore('0.75'), toScore('1')]).toEqual([0, 0.75, 1]);
  for (const text of ['', '-0.1', '1.1', 'high']) expect(() => toScore(text)).toThrow('0 to 1');
});

test('a time of a journal is UTC or names its zone, or is so long ago', () => {
  expect(toUtc('2026-01-05')).toBe(Date.UTC(2026, 0, 5));
  expect(toUtc('2026-01-05t10:00:00.5+02:00')).toBe(Date.UTC(2026, 0, 5, 8, 0, 0, 500));
  expect(Date.now() - toUtc('2h')).toBeGreaterThanOrEqual(7_200_000);
  for (const text of [
    '',
    '5',
    '2026-01-05T10:00',
    '2026-01-05 10:00Z',
    '2026-02-30',
    '2026-13-05',
    '9999999999d',
  ])
    expect(() => toUtc(text)).toThrow('Write it as 2026-01-05T10:00:00Z, 2026-01-05 (UTC), or 10m');
});
