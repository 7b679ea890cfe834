import { type FramePrecision, toFramePrecision } from '../../src/eval/frame-precision.js';
import { Track } from '../../src/infer/track.js';
import type { Smoothing } from '../../src/types.js';
import type { Trace } from '../truth/trace.js';
import type { LabClip } from './lab.js';

/** Frame mAP by scores of each clip's frames: frame → label. */
export function toMap(
  clips: readonly LabClip[],
  toScores: (trace: Trace) => readonly ArrayLike<number>[],
): FramePrecision {
  return toFramePrecision(
    clips.map(({ trace, truth }) => ({
      clip: truth,
      labels: trace.labels,
      timesMs: trace.frames.map(({ ptsMs }) => ptsMs),
      scores: toScores(trace),
    })),
  );
}

/** The moving averages by which labelcast decides, at each frame. */
export function toAverages({ labels, fps, frames }: Trace, smoothing: Smoothing): Float64Array[] {
  const averages: Float64Array[] = [];
  const track = new Track({
    kind: 'file',
    fps: fps ?? 25,
    smoothing,
    labelCount: labels.length,
    watch: {
      observed: ({ isHeld, standingOf }) => {
        if (!isHeld) averages.push(Float64Array.from(labels, (_, label) => standingOf(label).average));
      },
      blind: () => {},
      ended: () => {},
    },
  });
  for (const frame of frames) track.observe({ ...frame, hash: 0 });
  return averages;
}
