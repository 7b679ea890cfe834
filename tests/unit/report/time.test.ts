import { expect, test } from '@jest/globals';
import {
  toDateText,
  toLengthText,
  toShortLengthText,
  toTimeText,
  toWallText,
} from '../../../src/report/time-text.js';
import { toTickStep, toTicks, toTickText } from '../../../src/report/time-ticks.js';

/** 14:05:09.5 on the wall, wherever the test runs. */
const WALL_MS = new Date(2026, 0, 5, 14, 5, 9, 500).getTime();
const MINUTE = 60_000;

test('media time is minutes and seconds, with hours only when there are some', () => {
  expect([0, 3249, 3250, 59_960, 3_723_400].map((ms) => toTimeText(ms))).toEqual([
    '0:00.0',
    '0:03.2',
    '0:03.3',
    '1:00.0',
    '1:02:03.4',
  ]);
  expect([toTimeText(59_999, 0), toTimeText(1234, 3)]).toEqual(['1:00', '0:01.234']);
});

test('lengths change their unit where they would get long', () => {
  expect([0, 59_940, 59_950, 3_599_000, 7_620_000].map(toLengthText)).toEqual([
    '0.0 s',
    '59.9 s',
    '1 min 00 s',
    '59 min 59 s',
    '2 h 07 min',
  ]);
  expect([59_940, 870_000, 3_599_000, 7_620_000].map(toShortLengthText)).toEqual([
    '59.9 s',
    '14.5 min',
    '1.0 h',
    '2.1 h',
  ]);
});

test('wall times are those of the place where the report is read', () => {
  expect([toWallText(WALL_MS), toWallText(WALL_MS, 0), toDateText(WALL_MS)]).toEqual([
    '14:05:09.5',
    '14:05:10',
    '5 Jan 2026, 14:05',
  ]);
});

test('ticks are as many as there is room for, at round times', () => {
  expect([toTickStep(19_000, 10), toTickStep(3_600_000, 8), toTickStep(700, 20)]).toEqual([
    2000, 600_000, 50,
  ]);
  expect(toTicks(4500, 10_000, 2000, null)).toEqual([6000, 8000, 10_000]);
  expect(toTicks(0, 0, 1000, null)).toEqual([0]);
});

test('on the wall clock ticks stand at round times of day', () => {
  const ticks = toTicks(0, 12 * MINUTE, 5 * MINUTE, WALL_MS);
  expect(ticks.map((tick) => toWallText(WALL_MS + tick))).toEqual(['14:10:00.0', '14:15:00.0']);
  expect(ticks.map((tick) => toTickText(tick, 5 * MINUTE, WALL_MS))).toEqual(['14:10', '14:15']);
});

test('a tick says no more than its step needs, and midnight names the day', () => {
  expect([toTickText(65_000, 5000, null), toTickText(500, 100, null), toTickText(50, 50, null)]).toEqual([
    '1:05',
    '0:00.5',
    '0:00.05',
  ]);
  const midnight = new Date(2026, 0, 6).getTime() - WALL_MS;
  expect(toTickText(midnight, 60 * MINUTE, WALL_MS)).toBe('6 Jan');
});
