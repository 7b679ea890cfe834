import { type FramePrecision, type ScoredClip, toFramePrecision } from '../../eval/frame-precision.js';
import type { JudgedClip } from '../../eval/judged-clip.js';
import { type SegmentMetrics, toSegmentMetrics } from '../../eval/segment-metrics.js';
import type { FoundSegment } from '../../eval/truth.js';

/** A clip whose truth is laid beside what was found in it. */
export interface ComparedClip {
  readonly name: string;
  readonly truthFile: string;
  readonly clip: JudgedClip;
  readonly found: readonly FoundSegment[];
  /** Else it is as long as the last segment that is known. */
  readonly isLengthKnown: boolean;
  /** Null: only its segments are known. */
  readonly scores: { readonly raw: ScoredClip; readonly smoothed: ScoredClip } | null;
}

/** What came of a comparison. */
export interface Measured {
  /** How many labels are judged, of any clip. */
  readonly labels: number;
  readonly segments: SegmentMetrics;
  /** Null: there are no scores. */
  readonly frames: { readonly raw: FramePrecision; readonly smoothed: FramePrecision } | null;
}

/**
 * Measures clips together; what is counted is summed over them before ratios are made. There is no rate (flicker, false starts)
 * when the length of one is not known.
 */
export function measure(clips: readonly ComparedClip[]): Measured {
  const segments = toSegmentMetrics(clips);
  const scores = clips.flatMap((one) => one.scores ?? []);
  return {
    labels: new Set(clips.flatMap(({ clip }) => clip.labels.map(({ name }) => name))).size,
    segments: clips.every(({ isLengthKnown }) => isLengthKnown)
      ? segments
      : { ...segments, flicker: null, falseStartsPerHour: null },
    frames:
      scores.length === 0
        ? null
        : {
            raw: toFramePrecision(scores.map(({ raw }) => raw)),
            smoothed: toFramePrecision(scores.map(({ smoothed }) => smoothed)),
          },
  };
}

/** What came of one label, over all clips. */
export interface LabelFigures {
  readonly label: string;
  readonly segments: SegmentMetrics;
}

/** Label by label, those that occur on either side; what went wrong most often first, then by name. */
export function measureLabels(clips: readonly ComparedClip[]): LabelFigures[] {
  const names = [...new Set(clips.flatMap(({ clip }) => clip.labels.map(({ name }) => name)))].sort();
  return names
    .map((label) => {
      const alone = clips.map((one) => ({
        ...one,
        clip: { ...one.clip, labels: one.clip.labels.filter(({ name }) => name === label) },
        scores: null,
      }));
      return { label, segments: measure(alone).segments };
    })
    .filter(({ segments }) => segments.trueSegments + segments.foundSegments > 0)
    .sort((one, other) => wrongsOf(other) - wrongsOf(one));
}

/** True segments that were missed, and found ones that hit nothing. */
function wrongsOf({ segments: { trueSegments, foundSegments, missedSegments } }: LabelFigures): number {
  const hits = trueSegments - missedSegments;
  return missedSegments + foundSegments - hits;
}
