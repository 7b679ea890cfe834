import { toDayText, toTimeText, toWallText } from './time-text.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The steps that a time axis may have, in milliseconds. */
export const TICK_STEPS_MS: readonly number[] = [
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((n) => n * DAY),
];

/** The smallest step that leaves at most `count` ticks in a span of `lengthMs`. */
export function toTickStep(lengthMs: number, count: number): number {
  return TICK_STEPS_MS.find((step) => lengthMs / step <= count) ?? TICK_STEPS_MS.at(-1)!;
}

/** Multiples of `stepMs` within a span; with `wallMs` (UTC of 0 ms), multiples on the reader's wall clock. */
export function toTicks(startMs: number, endMs: number, stepMs: number, wallMs: number | null): number[] {
  const shift = wallMs === null ? 0 : wallMs - new Date(wallMs).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let n = Math.ceil((startMs + shift) / stepMs); n * stepMs - shift <= endMs; n++)
    ticks.push(n * stepMs - shift);
  return ticks;
}

/** What stands at a tick: no finer than the step needs; a day's name at its midnight. */
export function toTickText(tickMs: number, stepMs: number, wallMs: number | null): string {
  const decimals = stepMs >= SECOND ? 0 : stepMs >= 100 ? 1 : 2;
  if (wallMs === null) return toTimeText(tickMs, decimals);
  const text = toWallText(wallMs + tickMs, decimals);
  if (stepMs < MINUTE) return text;
  return text === '00:00:00' ? toDayText(wallMs + tickMs) : text.slice(0, 5);
}
