import { type ExplainedLabel, explainLabel, type ShownTime } from '../../../src/explain/explanation.js';
import { type LabelTrace, TraceWatch } from '../../../src/explain/label-trace.js';
import { Track } from '../../../src/infer/track.js';
import type { Segment, SourceEnd, Transition } from '../../../src/types.js';

/** Half-life and step are 200 ms: each observation goes half the way from the average to the score. */
const SMOOTHING = { halfLifeMs: 200, minOnMs: 400, minOffMs: 600, gapToleranceMs: 1000 };
const THRESHOLDS = { enter: 0.5, exit: 0.25 };
const WHOLE: SourceEnd = { durationMs: null, cause: null };

/** A score each 200 ms; null: damage hides that frame. */
export interface Scene {
  readonly scores: readonly (number | null)[];
  readonly smoothing?: Partial<typeof SMOOTHING>;
  /** Null: the run breaks off. */
  readonly end?: SourceEnd | null;
  readonly label?: string;
}

/** What the label of a scene went through in the real track. */
export function traceOf({ scores, smoothing = {}, end = WHOLE, label = 'dog' }: Scene): LabelTrace {
  const watch = new TraceWatch({ labelCount: 1, fps: 5 });
  const track = new Track({
    kind: 'file',
    fps: 5,
    labelCount: 1,
    smoothing: { ...SMOOTHING, ...smoothing, thresholds: [THRESHOLDS] },
    watch,
  });
  const made: Transition[] = [];
  for (const [n, score] of scores.entries())
    if (score !== null) {
      const damaged = scores[n - 1] === null;
      made.push(...track.observe({ ptsMs: n * 200, damaged, scores: Float32Array.of(score), hash: 0 }));
    }
  if (end !== null) made.push(...track.finish(end));
  const last = made.at(-1);
  const isDone = (one: Transition) => one.phase === 'ended' || one === last;
  const segments = made.filter(isDone).map((one) => toSegment(one, label));
  const { points, blindTimes: blind } = watch;
  const ended = { endMs: watch.endMs, end: watch.end };
  return { label, thresholds: THRESHOLDS, points: points[0]!, blind, segments, startMs: 0, ...ended };
}

/** The same, in words. */
export function explained(scene: Scene, shown: ShownTime = {}): ExplainedLabel {
  return explainLabel(traceOf(scene), { ...SMOOTHING, ...scene.smoothing }, shown);
}

function toSegment({ startMs, endMs, reason, score, frames }: Transition, label: string): Segment {
  return {
    segmentId: `${label}-${startMs}`,
    streamId: 'clip',
    epoch: 'epoch',
    label,
    startMs,
    endMs,
    startReason: 'threshold',
    endReason: reason,
    score,
    frames,
  };
}
