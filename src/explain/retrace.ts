import { Track } from '../infer/track.js';
import type { Segment, Smoothing, SourceEnd, Thresholds, Transition } from '../types.js';
import { type BlindTime, type LabelTrace, TraceWatch } from './label-trace.js';

/** What was written down of a label of a file while it was tagged. */
export interface RecordedLabel {
  readonly label: string;
  readonly thresholds: Thresholds;
  /** Of its frames, in media order. */
  readonly timesMs: readonly number[];
  /** Raw, one per frame. */
  readonly scores: ArrayLike<number>;
  /** Where damage hid its pictures. */
  readonly blind: readonly BlindTime[];
  /** Null: it was not tagged to its end. */
  readonly end: SourceEnd | null;
  /** As they were published. */
  readonly segments: readonly Segment[];
}

/** `fps`: frames scored per second of media; `keyframesOnly`: of key frames alone. */
interface RecordedSmoothing {
  readonly fps: number;
  readonly keyframesOnly?: boolean;
  readonly smoothing: Omit<Smoothing, 'thresholds'>;
}

/**
 * What a label went through, from its scores and the settings they were smoothed with. Null when the segments that come of
 * them are not those that were published: then something is missing, and what is left would explain something else.
 */
export function retrace(
  { label, thresholds, timesMs, scores, blind, end, segments }: RecordedLabel,
  { fps, keyframesOnly = false, smoothing }: RecordedSmoothing,
): LabelTrace | null {
  const watch = new TraceWatch({ labelCount: 1, fps });
  const setting = { ...smoothing, thresholds: [thresholds] };
  const track = new Track({ kind: 'file', fps, keyframesOnly, smoothing: setting, labelCount: 1, watch });
  const made: Transition[] = [];
  const seenAgainMs = new Set(blind.map(({ endMs }) => endMs));
  for (const [n, ptsMs] of timesMs.entries()) {
    const damaged = seenAgainMs.has(ptsMs);
    made.push(...track.observe({ ptsMs, damaged, scores: Float32Array.of(scores[n]!), hash: 0 }));
  }
  if (end !== null) made.push(...track.finish(end));
  if (!areSame(made, segments)) return null;
  return {
    label,
    thresholds,
    points: watch.points[0]!, // of the one label
    blind: watch.blindTimes,
    segments,
    startMs: 0,
    endMs: watch.endMs,
    end: watch.end,
  };
}

function areSame(made: readonly Transition[], segments: readonly Segment[]): boolean {
  const ends = new Map<number, number | null>();
  for (const { startMs, endMs } of made) ends.set(startMs, endMs);
  return ends.size === segments.length && segments.every(({ startMs, endMs }) => ends.get(startMs) === endMs);
}
