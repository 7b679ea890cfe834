import { averagePrecision } from './average-precision.js';
import type { JudgedClip, JudgedLabel } from './judged-clip.js';
import type { Span } from './judged-time.js';

/** Labels with fewer positive frames say little, and are left out: as in model/sgfn/metrics.py. */
const MIN_POSITIVES = 3;

/** The scores of a clip: frames in order, each with one score per label, in the order of `labels`. */
export interface ScoredClip {
  readonly clip: JudgedClip;
  readonly labels: readonly string[];
  readonly timesMs: readonly number[];
  /** Frame → scores. */
  readonly scores: readonly ArrayLike<number>[];
}

/** Mean average precision; null: no label counts. */
export interface FramePrecision {
  readonly mean: number | null;
  /** How many labels count: those with at least three positive frames and a negative one. */
  readonly labels: number;
}

/**
 * Frame mAP over clips: the mean over labels of the average precision of all judged frames of the label. A frame is positive
 * when its time lies in a true segment. Frames in optional time of the label, or after the end of the truth, do not count.
 */
export function toFramePrecision(clips: readonly ScoredClip[]): FramePrecision {
  const parts = new Map<string, LabelPart[]>();
  for (const scored of clips) {
    const columns = new Map(scored.labels.map((name, column) => [name, column]));
    for (const label of scored.clip.labels) {
      const column = columns.get(label.name);
      if (column === undefined) continue;
      const list = parts.get(label.name) ?? [];
      list.push({ scored, label, column });
      parts.set(label.name, list);
    }
  }
  const precisions = [...parts.values()].map(toPrecision).filter((one) => one !== null);
  const sum = precisions.reduce((total, one) => total + one, 0);
  return { mean: precisions.length === 0 ? null : sum / precisions.length, labels: precisions.length };
}

interface LabelPart {
  readonly scored: ScoredClip;
  readonly label: JudgedLabel;
  readonly column: number;
}

function toPrecision(parts: readonly LabelPart[]): number | null {
  if (parts.every(({ label }) => label.spans.length === 0)) return null;
  const frames = parts.reduce((sum, { scored }) => sum + scored.timesMs.length, 0);
  const [all, positives] = [new Float64Array(frames), new Float64Array(frames)];
  let judged = 0;
  let right = 0;
  for (const { scored, label, column } of parts) {
    const { timesMs, scores, clip } = scored;
    const holds = toWalk(label.spans);
    const isHole = toWalk(label.holes);
    for (let frame = 0; frame < timesMs.length && timesMs[frame]! < clip.durationMs; frame++) {
      const isPositive = holds(timesMs[frame]!);
      if (isHole(timesMs[frame]!)) continue;
      const score = scores[frame]![column]!;
      all[judged++] = score;
      if (isPositive) positives[right++] = score;
    }
  }
  if (right < MIN_POSITIVES || right === judged) return null;
  return averagePrecision(all.subarray(0, judged), positives.subarray(0, right));
}

/** Tells of times that never decrease whether they lie in one of some spans. */
function toWalk(spans: readonly Span[]): (timeMs: number) => boolean {
  let at = 0;
  return (timeMs) => {
    while (at < spans.length && spans[at]!.endMs <= timeMs) at++;
    return at < spans.length && spans[at]!.startMs <= timeMs;
  };
}
