import { expect, test } from '@jest/globals';
import { checkFrames, type FrameTale, type HeldFrames } from '../../../bench/live/frame-checks.js';

const FIRST: FrameTale = run({ startedMs: 1000, endedMs: 9000, scored: 2 });
const KILLED: FrameTale = run({
  startedMs: 11_000,
  endedMs: 19_000,
  scored: 5,
  wasKilled: true,
  stoppingScrapes: 0,
});
const LAST: FrameTale = run({ startedMs: 21_000, endedMs: 29_000, scored: 1, inFlight: [3, 6, 0] });
/** The second frame of the first run and the only one of the last have times outside of the runs. */
const HELD: HeldFrames[] = [{ streamId: 'gate', timesMs: [2000, 9900, 12_000, 20_100] }];

function run({ scored = 0, ...rest }: Partial<FrameTale> & { scored?: number }): FrameTale {
  const common = { startedMs: 0, endedMs: 0, wasKilled: false, inFlight: [1, 0], stoppingScrapes: 2 };
  return { ...common, inferred: () => scored, ...rest };
}

function areMet(runs: readonly FrameTale[], held: readonly HeldFrames[] = HELD): boolean[] {
  return checkFrames(runs, held, { streams: 1 }).map(({ aim }) => aim.isMet);
}

test('frames that are scored, drained and in the journal of their run are accounted for, those of a kill not asked for', () => {
  expect(areMet([FIRST, KILLED, LAST])).toEqual([true, true, true]);
});

test('more frames in flight than there is room for, or fewer than none, are told', () => {
  expect(areMet([FIRST, KILLED, { ...LAST, inFlight: [7, 0] }])[0]).toBe(false);
  expect(areMet([FIRST, KILLED, { ...LAST, inFlight: [-1, 0] }])[0]).toBe(false);
});

test('a frame that is left in flight is told, and so is an end that nobody saw', () => {
  expect(areMet([FIRST, KILLED, { ...LAST, inFlight: [0, 1] }])[1]).toBe(false);
  expect(areMet([FIRST, KILLED, { ...LAST, stoppingScrapes: 0 }])[1]).toBe(false);
});

test('a scored frame that the journal lacks, or holds too much, is told, whatever another run makes up for', () => {
  expect(areMet([FIRST, KILLED, LAST], [{ streamId: 'gate', timesMs: [2000, 12_000, 20_100] }])[2]).toBe(
    false,
  );
  expect(
    areMet([FIRST, KILLED, LAST], [{ streamId: 'gate', timesMs: [2000, 12_000, 20_100, 21_000] }])[2],
  ).toBe(false);
});
