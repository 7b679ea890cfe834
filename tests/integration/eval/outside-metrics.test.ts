import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toFramePrecision } from '../../../src/eval/frame-precision.js';
import { toJudgedClip } from '../../../src/eval/judged-clip.js';
import { toSegmentMetrics } from '../../../src/eval/segment-metrics.js';

const SEED = 20_260_101;
const MOST_MS = 120;

type Found = readonly [startMs: number, endMs: number, confirmedMs: number | null];
type Interval = readonly [startMs: number, endMs: number];

interface LabelCase {
  readonly found: readonly Found[];
  readonly truth: readonly Interval[];
  readonly optional: readonly Interval[];
}

interface ClipCase {
  readonly length: number;
  readonly labels: readonly LabelCase[];
}

/** What metrics_reference.py, which says what it can be asked, makes of some cases. */
function askReference(cases: readonly object[]): unknown[] {
  const output = execFileSync('python3', [join(process.cwd(), 'tests/services/metrics_reference.py')], {
    env: { ...process.env, PYTHONPATH: join(process.cwd(), '.cache/scikit-learn') },
    input: JSON.stringify(cases),
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as unknown[];
}

/** Intervals that do not overlap, and may touch: lengths of on and off in turn. */
function anyIntervals(maxCount: number): fc.Arbitrary<Interval[]> {
  const pair = fc.tuple(fc.nat(15), fc.integer({ min: 1, max: 30 }));
  return fc.array(pair, { maxLength: maxCount }).map((pairs) => {
    let at = 0;
    const intervals = pairs.map(([offMs, onMs]): Interval => {
      const startMs = at + offMs;
      at = startMs + onMs;
      return [startMs, at];
    });
    return intervals.filter(([, endMs]) => endMs <= MOST_MS);
  });
}

const anyFound = fc
  .tuple(anyIntervals(8), fc.array(fc.option(fc.nat(12)), { minLength: 8, maxLength: 8 }))
  .map(([intervals, delays]) =>
    intervals.map(([startMs, endMs], n): Found => {
      const delayMs = delays[n] ?? null;
      return [startMs, endMs, delayMs === null ? null : startMs + delayMs];
    }),
  );
const anyLabel: fc.Arbitrary<LabelCase> = fc.record({
  found: anyFound,
  truth: anyIntervals(6),
  optional: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: anyIntervals(3) }),
});
const anyClip: fc.Arbitrary<ClipCase> = fc.record({
  length: fc.integer({ min: 60, max: MOST_MS }),
  labels: fc.array(anyLabel, { minLength: 1, maxLength: 4 }),
});

function measure(clips: readonly ClipCase[]) {
  return toSegmentMetrics(
    clips.map(({ length, labels }) => {
      const names = labels.map((_, n) => `label ${n}`);
      const spansOf = (side: 'truth' | 'optional') =>
        labels.flatMap((label, n) =>
          label[side].map(([startMs, endMs]) => ({ label: names[n]!, startMs, endMs })),
        );
      const found = labels.flatMap((label, n) =>
        label.found.map(([startMs, endMs, confirmedMs]) => ({
          label: names[n]!,
          startMs,
          endMs,
          confirmedMs,
        })),
      );
      const truth = {
        durationMs: null,
        labels: null,
        segments: spansOf('truth'),
        optional: spansOf('optional'),
      };
      return { clip: toJudgedClip(truth, { labels: names, durationMs: length }), found };
    }),
  );
}

/** The same number by another order of sums. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' ? Number(one.toPrecision(10)) : one)),
  );
}

test('every measure of segments is what a frame-by-frame reading of MS-TCN makes it', () => {
  const anyClips = fc.array(anyClip, { minLength: 1, maxLength: 3 });
  const cases = fc.sample(anyClips, { numRuns: 1500, seed: SEED }).map((clips) => ({ clips }));
  const wanted = askReference(cases);
  expect(rounded(cases.map(({ clips }) => measure(clips)))).toEqual(rounded(wanted));
  // the cases are worth something: hits, misses, false starts and open latencies are among them
  const hours = (wanted as { falseStartsPerHour: number | null }[]).filter((one) => one.falseStartsPerHour);
  const missed = (wanted as { missedSegments: number }[]).filter((one) => one.missedSegments > 0);
  expect(Math.min(hours.length, missed.length)).toBeGreaterThan(500);
});

test('frame mAP is that of scikit-learn, ties included', () => {
  const anyFrame = fc.record({ score: fc.nat(8).map((n) => n / 8), isPositive: fc.boolean() });
  const anyScores = fc.array(fc.array(anyFrame, { minLength: 24, maxLength: 24 }), {
    minLength: 1,
    maxLength: 4,
  });
  const drawn = fc.sample(fc.tuple(anyScores, fc.integer({ min: 1, max: 24 })), {
    numRuns: 1000,
    seed: SEED,
  });
  const cases = drawn.map(([labels, length]) => labels.map((frames) => frames.slice(0, length)));
  const wanted = askReference(
    cases.map((labels) => ({
      labels: labels.map((frames) => ({
        scores: frames.map(({ score }) => score),
        positive: frames.map(({ isPositive }) => isPositive),
      })),
    })),
  );
  const measured = cases.map((labels) => {
    const names = labels.map((_, n) => `label ${n}`);
    const timesMs = labels[0]!.map((_, n) => n * 200);
    const segments = labels.flatMap((frames, n) =>
      frames.flatMap(({ isPositive }, at) =>
        isPositive ? [{ label: names[n]!, startMs: at * 200, endMs: at * 200 + 200 }] : [],
      ),
    );
    const truth = { durationMs: null, labels: null, segments, optional: [] };
    const clip = toJudgedClip(truth, { labels: names, durationMs: timesMs.length * 200 });
    const scores = timesMs.map((_, at) => labels.map((frames) => frames[at]!.score));
    return toFramePrecision([{ clip, labels: names, timesMs, scores }]);
  });
  expect(rounded(measured)).toEqual(rounded(wanted));
});
