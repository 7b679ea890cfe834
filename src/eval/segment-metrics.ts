import { byLabel, type JudgedClip, type JudgedLabel } from './judged-clip.js';
import { type Run, toRuns } from './judged-time.js';
import { type Matches, matchRuns } from './segment-match.js';
import { countChanges, toEditScore } from './state-changes.js';
import type { FoundSegment } from './truth.js';

/** The least intersection over union of a hit, for F1@10, F1@25 and F1@50; the first one decides what is an onset. */
const THRESHOLDS = [0.1, 0.25, 0.5] as const;

/** The middle and the 95th percentile of some times, interpolated as numpy does; null: there are none. */
export interface TimeSpread {
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** How found segments compare with true ones, over all clips. A ratio without anything below its line is null. */
export interface SegmentMetrics {
  readonly clips: number;
  /** Of all clips together. */
  readonly durationMs: number;
  /** Surplus state changes a label-minute: per clip and label max(0, found − true changes), summed, over judged minutes. */
  readonly flicker: number | null;
  /** 2 × hits / (found + true segments), 0 to 1, over all labels together; hits as `matchRuns` has them. */
  readonly f1: { readonly at10: number | null; readonly at25: number | null; readonly at50: number | null };
  /** Mean of `toEditScore` over the labels of each clip that occur on either side; 0 to 100. */
  readonly editScore: number | null;
  /** confirmedMs − the true onset, of the true segments that began in judged time and were hit at an intersection over union of at least 0.1. */
  readonly onsetLatency: TimeSpread;
  /** |startMs − the true onset|, of the same. */
  readonly startError: TimeSpread;
  /** Found segments an hour, of all labels, that overlap no true one of their label and began in judged time. */
  readonly falseStartsPerHour: number | null;
  readonly foundSegments: number;
  readonly trueSegments: number;
  /** True segments that none hit at 0.1. */
  readonly missedSegments: number;
}

/** What is summed over clips before ratios are made of it. */
class Counts {
  clips = 0;
  durationMs = 0;
  judgedMs = 0;
  surplusChanges = 0;
  found = 0;
  truth = 0;
  readonly hits = THRESHOLDS.map(() => 0);
  editScores = 0;
  edited = 0;
  falseStarts = 0;
  readonly latenciesMs: number[] = [];
  readonly startErrorsMs: number[] = [];
}

/**
 * Compares the found segments of clips, of any labels and in any order, with their truth. Optional time is cut out of both
 * sides first, what touches then is joined, and all lengths are of what is left; times of onsets are media time. A found piece
 * that overlaps nothing true, of a segment that lies at least half in optional time, is left out too, as detections in ignored
 * regions are in COCO.
 */
export function toSegmentMetrics(
  clips: readonly { readonly clip: JudgedClip; readonly found: readonly FoundSegment[] }[],
): SegmentMetrics {
  const counts = new Counts();
  for (const { clip, found } of clips) {
    const foundOf = byLabel(found);
    counts.clips += 1;
    counts.durationMs += clip.durationMs;
    for (const label of clip.labels) count(counts, clip, label, foundOf.get(label.name) ?? []);
  }
  return toMetrics(counts);
}

function count(
  counts: Counts,
  { durationMs }: JudgedClip,
  { holes, runs: truth, judgedMs }: JudgedLabel,
  segments: readonly FoundSegment[],
): void {
  counts.judgedMs += judgedMs;
  if (segments.length + truth.length === 0) return;
  const { found, hits, hitBy, strays } = match(toRuns(segments, holes, durationMs), truth);
  if (found.length + truth.length === 0) return;
  counts.found += found.length;
  counts.truth += truth.length;
  counts.surplusChanges += Math.max(0, countChanges(found, judgedMs) - countChanges(truth, judgedMs));
  counts.editScores += toEditScore(found, truth, judgedMs);
  counts.edited += 1;
  hits.forEach((number, n) => (counts.hits[n]! += number));
  for (const { isStartJudged } of strays) if (isStartJudged) counts.falseStarts += 1;
  for (const [n, { onsetMs, isStartJudged }] of truth.entries()) {
    const hit = hitBy[n];
    if (hit === undefined || !isStartJudged) continue;
    counts.startErrorsMs.push(Math.abs(hit.onsetMs - onsetMs));
    if (hit.confirmedMs !== null) counts.latenciesMs.push(hit.confirmedMs - onsetMs);
  }
}

/**
 * What is left over of a segment that lies mostly in optional time, and overlaps nothing true, is neither right nor wrong
 * either: labels end late, so each optional time would leave a false segment behind it.
 */
function match(runs: readonly Run[], truth: readonly Run[]): Matches & { readonly found: readonly Run[] } {
  const matches = matchRuns(runs, truth, THRESHOLDS);
  const strays = matches.strays.filter(({ isRemnant }) => !isRemnant);
  if (strays.length === matches.strays.length) return { ...matches, found: runs };
  const dropped = new Set(matches.strays.filter(({ isRemnant }) => isRemnant));
  return { ...matches, strays, found: runs.filter((run) => !dropped.has(run)) };
}

function toMetrics(counts: Counts): SegmentMetrics {
  const [at10, at25, at50] = counts.hits.map((hits) => toRatio(2 * hits, counts.found + counts.truth));
  return {
    clips: counts.clips,
    durationMs: counts.durationMs,
    flicker: toRatio(counts.surplusChanges, counts.judgedMs / 60_000),
    f1: { at10: at10!, at25: at25!, at50: at50! },
    editScore: toRatio(counts.editScores, counts.edited),
    onsetLatency: toSpread(counts.latenciesMs),
    startError: toSpread(counts.startErrorsMs),
    falseStartsPerHour: toRatio(counts.falseStarts, counts.durationMs / 3_600_000),
    foundSegments: counts.found,
    trueSegments: counts.truth,
    missedSegments: counts.truth - counts.hits[0]!,
  };
}

function toRatio(above: number, below: number): number | null {
  return below === 0 ? null : above / below;
}

function toSpread(timesMs: number[]): TimeSpread {
  const sorted = Float64Array.from(timesMs).sort();
  return { medianMs: toPercentile(sorted, 0.5), p95Ms: toPercentile(sorted, 0.95) };
}

function toPercentile(sorted: Float64Array, part: number): number | null {
  if (sorted.length === 0) return null;
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at % 1) * (sorted[Math.ceil(at)]! - below);
}
