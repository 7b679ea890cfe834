import type { Segment, TransitionReason } from '../types.js';

/** A segment, and where and when its pictures were taken. */
export interface SourcedSegment extends Segment {
  readonly sourceUri: string;
  /** Unix time in ms of media time 0; null: the source has no clock. */
  readonly startTimeMs: number | null;
}

/** As the tables have it. */
export interface SegmentRow {
  readonly segment_id: string;
  readonly stream_id: string;
  readonly epoch: string;
  readonly label: string;
  readonly start_ms: number;
  readonly end_ms: number | null;
  readonly start_reason: TransitionReason;
  readonly end_reason: TransitionReason | null;
  readonly peak: number;
  readonly mean: number;
  readonly observed: number;
  readonly expected: number;
  readonly source_uri: string;
  readonly start_time_ms: number | null;
}

export function toSegment(row: SegmentRow): SourcedSegment {
  return {
    segmentId: row.segment_id,
    streamId: row.stream_id,
    epoch: row.epoch,
    label: row.label,
    startMs: row.start_ms,
    endMs: row.end_ms,
    startReason: row.start_reason,
    endReason: row.end_reason,
    score: { peak: row.peak, mean: row.mean },
    frames: { observed: row.observed, expected: row.expected },
    sourceUri: row.source_uri,
    startTimeMs: row.start_time_ms,
  };
}
