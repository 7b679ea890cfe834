import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinSpans, judgedMs, type Span, toRuns } from '../../../src/eval/judged-time.js';

const UNTIL_MS = 60;
const anySpans = fc
  .array(fc.tuple(fc.nat(UNTIL_MS - 1), fc.integer({ min: 1, max: 12 })), { maxLength: 8 })
  .map((pairs) => joinSpans(pairs.map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs }))));

function holds(spans: readonly Span[], ms: number): boolean {
  return spans.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
}

/** The same, millisecond by millisecond. */
function toJudgedStates(spans: readonly Span[], holes: readonly Span[]): boolean[] {
  const times = Array.from({ length: UNTIL_MS }, (_, ms) => ms);
  return times.filter((ms) => !holds(holes, ms)).map((ms) => holds(spans, ms));
}

test('runs hold exactly in the judged milliseconds of the spans, and no two touch', () => {
  fc.assert(
    fc.property(anySpans, anySpans, (spans, holes) => {
      const runs = toRuns(spans, holes, UNTIL_MS);
      const states = toJudgedStates(spans, holes);
      expect(judgedMs(holes, UNTIL_MS)).toBe(states.length);
      expect(states.map((_, ms) => holds(runs, ms))).toEqual(states);
      expect(joinSpans(runs)).toEqual(runs.map(({ startMs, endMs }) => ({ startMs, endMs })));
    }),
    { numRuns: 2000 },
  );
});

test('a run knows its start in media time, and whether that was cut off', () => {
  const holes = [
    { startMs: 10, endMs: 20 },
    { startMs: 50, endMs: 55 },
  ];
  const spans = [
    { startMs: 0, endMs: 5, confirmedMs: 2 },
    { startMs: 12, endMs: 30, confirmedMs: 15 },
    { startMs: 40, endMs: 70, confirmedMs: 48 },
  ];
  expect(toRuns(spans, holes, 60)).toEqual([
    { startMs: 0, endMs: 5, onsetMs: 0, confirmedMs: 2, isStartJudged: true, isRemnant: false },
    { startMs: 10, endMs: 20, onsetMs: 20, confirmedMs: 20, isStartJudged: false, isRemnant: false },
    { startMs: 30, endMs: 45, onsetMs: 40, confirmedMs: 48, isStartJudged: true, isRemnant: false },
  ]);
});
