import { expect, test } from '@jest/globals';
import { advanceClock, type RetentionClock, toRetentionTime } from '../../../src/publish/retention-clock.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const BEGIN = Date.UTC(2026, 0, 5);

/** The clock after some minutes of running, while the machine's own is off by `byMs`. */
function run(from: RetentionClock, { minutes, byMs }: { minutes: number; byMs: number }, beginMs: number) {
  let clock = from;
  for (let n = 1; n <= minutes; n++)
    clock = advanceClock(clock, { wallMs: beginMs + n * MINUTE_MS + byMs, elapsedMs: MINUTE_MS });
  return clock;
}

const right: RetentionClock = { trustedMs: BEGIN, doubtedForMs: 0 };

test('a clock that goes as it should, or is set by minutes, is believed', () => {
  expect(run(right, { minutes: 30, byMs: 0 }, BEGIN)).toEqual({
    trustedMs: BEGIN + 30 * MINUTE_MS,
    doubtedForMs: 0,
  });
  expect(advanceClock(right, { wallMs: BEGIN - 5 * MINUTE_MS, elapsedMs: 0 }).trustedMs).toBe(
    BEGIN - 5 * MINUTE_MS,
  );
});

test('one that jumps a year ahead makes nothing older than running does, until it has gone on for a day', () => {
  const jumped = { byMs: 365 * DAY_MS };
  const late = run(right, { minutes: 24 * 60 - 1, ...jumped }, BEGIN);
  expect(late).toEqual({ trustedMs: BEGIN + DAY_MS - MINUTE_MS, doubtedForMs: DAY_MS - MINUTE_MS });
  const believed = run(late, { minutes: 1, ...jumped }, BEGIN + DAY_MS - MINUTE_MS);
  expect(believed).toEqual({ trustedMs: BEGIN + DAY_MS + jumped.byMs, doubtedForMs: 0 });
});

test('one that is mended within the day is as if it had never jumped', () => {
  const jumped = run(right, { minutes: 600, byMs: 365 * DAY_MS }, BEGIN);
  expect(run(jumped, { minutes: 1, byMs: 0 }, BEGIN + 600 * MINUTE_MS)).toEqual({
    trustedMs: BEGIN + 601 * MINUTE_MS,
    doubtedForMs: 0,
  });
});

test('after a month off, a day of running is enough, in as many pieces as it takes', () => {
  let clock = right;
  let wallMs = BEGIN + 30 * DAY_MS;
  for (let n = 0; n < 4; n++) {
    wallMs += 16 * 60 * MINUTE_MS; // off overnight
    clock = advanceClock(clock, { wallMs, elapsedMs: 0 });
    wallMs += 8 * 60 * MINUTE_MS;
    clock = advanceClock(clock, { wallMs, elapsedMs: 8 * 60 * MINUTE_MS });
    expect(clock.trustedMs === wallMs).toBe(n === 2);
    if (n === 2) break;
  }
});

test('one that stands in the past makes nothing old', () => {
  const past = advanceClock(right, { wallMs: 0, elapsedMs: MINUTE_MS });
  expect(toRetentionTime(past, 0)).toBe(0);
  expect(toRetentionTime(right, BEGIN + DAY_MS)).toBe(BEGIN);
});
