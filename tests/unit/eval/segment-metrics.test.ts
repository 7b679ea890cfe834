import { expect, test } from '@jest/globals';
import { toJudgedClip } from '../../../src/eval/judged-clip.js';
import { toSegmentMetrics } from '../../../src/eval/segment-metrics.js';
import type { FoundSegment, LabelSpan, Truth } from '../../../src/eval/truth.js';

const MINUTE = 60_000;

function span(label: string, startMs: number, endMs: number): LabelSpan {
  return { label, startMs, endMs };
}

function found(
  label: string,
  startMs: number,
  endMs: number,
  confirmedMs: number | null = null,
): FoundSegment {
  return { label, startMs, endMs, confirmedMs };
}

function toTruth(segments: readonly LabelSpan[], more: Partial<Truth> = {}): Truth {
  return { durationMs: null, labels: null, segments, optional: [], ...more };
}

function compare(truth: Truth, segments: readonly FoundSegment[], labels = ['cat', 'dog']) {
  return toSegmentMetrics([{ clip: toJudgedClip(truth, { labels, durationMs: MINUTE }), found: segments }]);
}

test('what is found as it is true is all right', () => {
  const metrics = compare(toTruth([span('cat', 1000, 9000), span('dog', 0, MINUTE)]), [
    found('cat', 1000, 9000, 1400),
    found('dog', 0, MINUTE, 400),
  ]);
  expect(metrics).toEqual({
    clips: 1,
    durationMs: MINUTE,
    flicker: 0,
    f1: { at10: 1, at25: 1, at50: 1 },
    editScore: 100,
    onsetLatency: { medianMs: 400, p95Ms: 400 },
    startError: { medianMs: 0, p95Ms: 0 },
    falseStartsPerHour: 0,
    foundSegments: 2,
    trueSegments: 2,
    missedSegments: 0,
  });
});

test('a segment in three pieces costs four changes, precision and edits, and its onset is that of the piece that hits', () => {
  const pieces = [
    found('cat', 10_400, 14_000, 11_000),
    found('cat', 15_000, 24_000),
    found('cat', 25_000, 30_000),
  ];
  const metrics = compare(toTruth([span('cat', 10_000, 30_000)]), pieces);
  expect(metrics.flicker).toBe(4 / 2); // two labels, one minute
  // each takes the only one, the first of them takes it from 0.18; from 0.25 on the second one
  expect(metrics.f1).toEqual({ at10: 2 / 4, at25: 2 / 4, at50: 0 });
  expect(metrics.editScore).toBeCloseTo(100 * (1 - 4 / 7));
  expect(metrics.onsetLatency.medianMs).toBe(1000);
  expect(metrics.startError.medianMs).toBe(400);
  expect(metrics.missedSegments).toBe(0);
});

test('what overlaps nothing true is a false start, and what nothing hits is missed', () => {
  const metrics = compare(toTruth([span('dog', 0, 6000)]), [
    found('cat', 0, 6000),
    found('dog', 7000, 9000),
    found('bird', 0, 1000),
  ]);
  expect(metrics.falseStartsPerHour).toBe(120);
  expect(metrics.missedSegments).toBe(1);
  expect(metrics.foundSegments).toBe(2);
  expect(metrics.onsetLatency).toEqual({ medianMs: null, p95Ms: null });
});

test('optional time is cut out: what begins or changes there is neither right nor wrong', () => {
  const truth = toTruth([span('cat', 10_000, 20_000)], {
    optional: [span('cat', 5000, 10_000), span('cat', 30_000, MINUTE)],
  });
  const metrics = compare(truth, [
    found('cat', 6000, 7000, 6400),
    found('cat', 8000, 20_000, 8400),
    found('cat', 24_000, 35_000),
  ]);
  expect(metrics.f1.at50).toBe(2 / 3);
  expect(metrics.falseStartsPerHour).toBe(60);
  expect(metrics.startError.medianMs).toBe(0);
  expect(metrics.onsetLatency.medianMs).toBe(0);
  // of cat 25 s are judged, at whose end it holds; of dog a minute
  expect(metrics.flicker).toBe(1 / (85 / 60));
});

test('a true segment that begins in optional time has no onset to be measured', () => {
  const truth = toTruth([span('cat', 2000, 6000), span('cat', 10_000, 20_000)], {
    optional: [span('cat', 1000, 3000)],
  });
  const metrics = compare(truth, [found('cat', 2000, 6000, 2900), found('cat', 10_200, 20_000, 10_600)]);
  expect(metrics).toMatchObject({ trueSegments: 2, missedSegments: 0, f1: { at50: 1 } });
  expect(metrics.onsetLatency).toEqual({ medianMs: 600, p95Ms: 600 });
  expect(metrics.startError).toEqual({ medianMs: 200, p95Ms: 200 });
});

test('what is left of a segment that lies mostly in optional time counts only where it overlaps what is true', () => {
  const truth = toTruth([span('cat', 10_000, 11_000)], {
    optional: [span('cat', 0, 10_000), span('dog', 20_000, 30_000)],
  });
  const metrics = compare(truth, [
    found('cat', 2000, 11_000),
    found('dog', 19_800, 30_600), // late at its end
    found('dog', 40_000, 41_000),
  ]);
  expect(metrics).toMatchObject({ foundSegments: 2, missedSegments: 0, falseStartsPerHour: 60 });
  const longer = compare(truth, [found('dog', 29_000, 31_500, 29_400)]);
  expect(longer).toMatchObject({ foundSegments: 1, falseStartsPerHour: 0 });
});

test('only the labels and the time that the truth judges count', () => {
  const truth = toTruth([span('cat', 1000, 5000)], { labels: ['cat'], durationMs: 30_000 });
  const metrics = compare(truth, [
    found('cat', 1000, 5000),
    found('cat', 40_000, 50_000),
    found('dog', 0, 9000),
  ]);
  expect(metrics).toMatchObject({ flicker: 0, foundSegments: 1, durationMs: 30_000, editScore: 100 });
});

test('clips are summed before ratios are made', () => {
  const clip = (truth: Truth) => toJudgedClip(truth, { labels: ['cat'], durationMs: MINUTE });
  const metrics = toSegmentMetrics([
    { clip: clip(toTruth([span('cat', 0, 1000)])), found: [found('cat', 0, 1000, 100)] },
    {
      clip: clip(toTruth([span('cat', 0, 1000), span('cat', 2000, 3000)])),
      found: [found('cat', 2200, 3000, 2500)],
    },
  ]);
  expect(metrics.f1.at50).toBe(4 / 5);
  expect(metrics.editScore).toBe((100 + 75) / 2);
  expect(metrics.onsetLatency).toEqual({ medianMs: 300, p95Ms: 480 });
  expect(metrics.flicker).toBe(0);
});

test('without anything found or true there is nothing to divide by', () => {
  const metrics = compare(toTruth([]), []);
  expect(metrics).toMatchObject({
    flicker: 0,
    f1: { at10: null, at25: null, at50: null },
    editScore: null,
    falseStartsPerHour: 0,
  });
});
