import type { LabelPhase } from '../infer/smoother.js';
import type { Observation, TrackWatch } from '../infer/track-watch.js';
import type { Segment, SourceEnd, Thresholds } from '../types.js';

/** A label at one observation. */
export interface TracePoint {
  readonly atMs: number;
  /** No frame of its own: the picture before it is still on show. */
  readonly isHeld: boolean;
  /** Raw. */
  readonly score: number;
  readonly average: number;
  readonly phase: LabelPhase;
}

/** Where nothing could be seen, from the last frame before it to the first after it. */
export interface BlindTime {
  readonly startMs: number;
  readonly endMs: number;
}

/** Why a trace ends: the clip is over, no more of it could be read, or the run broke off. */
export type TraceEnd = 'over' | 'unreadable' | 'broken-off';

/** What a label went through in a clip; its points in media order. */
export interface LabelTrace {
  readonly label: string;
  readonly thresholds: Thresholds;
  readonly points: readonly TracePoint[];
  readonly blind: readonly BlindTime[];
  /** As they were published. */
  readonly segments: readonly Segment[];
  /** Media time from which on it is shown. */
  readonly startMs: number;
  /** Media time at which the clip, or what could be read or is shown of it, ends. */
  readonly endMs: number;
  /** Of the whole clip, also when a part is shown. */
  readonly end: TraceEnd;
}

/** The part of a trace that lies in a span of media time; segments that reach into it stay as they are. */
export function cutTrace(trace: LabelTrace, startMs: number, endMs: number): LabelTrace {
  const isIn = (span: { readonly startMs: number; readonly endMs: number | null }) =>
    span.startMs < endMs && (span.endMs ?? endMs) > startMs;
  return {
    ...trace,
    points: trace.points.filter(({ atMs }) => atMs >= startMs && atMs <= endMs),
    blind: trace.blind
      .filter(isIn)
      .map((gap) => ({ startMs: Math.max(startMs, gap.startMs), endMs: Math.min(endMs, gap.endMs) })),
    segments: trace.segments.filter(isIn),
    startMs,
    endMs,
  };
}

/** Writes down what labels go through, by their place among those that are published. */
export class TraceWatch implements TrackWatch {
  readonly points: readonly TracePoint[][];
  readonly blindTimes: BlindTime[] = [];
  readonly #frameMs: number;
  #endMs = 0;
  #end: TraceEnd = 'broken-off';

  constructor({ labelCount, fps }: { readonly labelCount: number; readonly fps: number }) {
    this.points = Array.from({ length: labelCount }, () => []);
    this.#frameMs = Math.round(1000 / fps);
  }

  /** Until the end is told: as long as the last picture is on show. */
  get endMs(): number {
    return this.#endMs;
  }

  get end(): TraceEnd {
    return this.#end;
  }

  observed({ atMs, isHeld, scores, standingOf }: Observation): void {
    this.#endMs = atMs + this.#frameMs;
    for (const [label, points] of this.points.entries())
      points.push({ atMs, isHeld, score: scores[label]!, ...standingOf(label) });
  }

  blind(startMs: number, endMs: number): void {
    this.blindTimes.push({ startMs, endMs });
  }

  ended(durationMs: number, cause: SourceEnd['cause']): void {
    this.#endMs = durationMs;
    this.#end = cause === null ? 'over' : 'unreadable';
  }
}
