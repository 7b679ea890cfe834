import type { FoundSegment } from '../eval/truth.js';
import { Track } from '../infer/track.js';
import type { SourceEnd, Smoothing, Transition } from '../types.js';

/** The scores of a clip's frames, in order, as `Track` takes them. */
export interface ScoredClip {
  readonly labels: readonly string[];
  /** Frames scored a second. */
  readonly fps: number;
  /** Of key frames, which says how long a gap is. */
  readonly keyframesOnly?: boolean;
  /** `scores`: one for each label. */
  readonly frames: readonly {
    readonly ptsMs: number;
    readonly damaged: boolean;
    readonly scores: Float32Array;
  }[];
  readonly end: SourceEnd;
}

/** A segment, and when its end was told. */
export interface ToldSegment extends FoundSegment {
  /** Media time at which its end was sure. */
  readonly toldMs: number;
}

/** The segments that labelcast's own track and smoother make of scores. */
export function toSegments(
  { labels, fps, keyframesOnly = false, frames, end }: ScoredClip,
  smoothing: Smoothing,
): ToldSegment[] {
  const track = new Track({ kind: 'file', fps, keyframesOnly, smoothing, labelCount: labels.length });
  const made: Transition[] = [];
  for (const frame of frames) made.push(...track.observe({ ...frame, hash: 0 }));
  made.push(...track.finish(end));
  const confirmed = new Map<number, number>();
  return made.flatMap(({ phase, label, startMs, endMs, confirmedMs }) => {
    if (phase === 'started') confirmed.set(label, confirmedMs);
    if (phase !== 'ended') return [];
    const found = { label: labels[label]!, startMs, endMs: endMs!, confirmedMs: confirmed.get(label)! };
    return [{ ...found, toldMs: confirmedMs }];
  });
}
