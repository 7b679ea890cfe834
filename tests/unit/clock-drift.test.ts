import { expect, test } from '@jest/globals';
import { ClockDrift } from '../../src/clock-drift.js';

function say(...aheadMs: readonly number[]): (string | null)[] {
  const drift = new ClockDrift();
  return aheadMs.map((ms) => drift.look(ms));
}

const behind = (seconds: string): string =>
  `the clock of this host was set, or it slept: the UTC times of live events are ${seconds} s behind now; start labelcast again to have them right`;

test('a clock that is corrected by less than a second says nothing', () => {
  expect(say(0, 400, -900, 1000, -1000)).toEqual([null, null, null, null, null]);
});

test('a clock that is set is told once, each time, and when it is set back', () => {
  expect(say(1001, 1001, 1900, 3_600_000, 3_600_000, 250, 0)).toEqual([
    behind('1.0'),
    null,
    null,
    behind('3600.0'),
    null,
    'the clock of this host is back: the UTC times of live events are right again',
    null,
  ]);
  expect(say(-7300)[0]).toContain('7.3 s ahead now');
});
