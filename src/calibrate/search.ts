import type { FoundSegment } from '../eval/truth.js';
import type { Smoothing } from '../types.js';
import { toDelays, toSpread } from './delay.js';
import { type Hits, toF1, toHits } from './paired-difference.js';
import type { LabelledClip, Part } from './parts.js';
import { toSegments } from './scored-clip.js';

/** Smoothing, and what it makes of clips. */
export interface Trial {
  readonly smoothing: Smoothing;
  /** Of each clip. */
  readonly found: readonly (readonly FoundSegment[])[];
  /** Of each part. */
  readonly parts: readonly PartResult[];
}

interface PartResult extends Hits {
  /** From when a label was first seen until its segment was sure. */
  readonly delaysMs: readonly number[];
}

/** What smoothing makes of clips, judged by parts. */
export function tryOut(smoothing: Smoothing, clips: readonly LabelledClip[], parts: readonly Part[]): Trial {
  const found = clips.map(({ scored }) => toSegments(scored, smoothing));
  return {
    smoothing,
    found,
    parts: parts.map(({ clip, judged, sightings }) => ({
      ...toHits(judged, found[clip]!),
      delaysMs: toDelays(sightings, found[clip]!),
    })),
  };
}

/**
 * The trial with the best F1@25 over the parts that count, by number, among those whose starts are sure at most `latestMs`
 * after the label was first seen, in 95 of 100 cases; the first trial when there is none.
 */
export function toBest(
  trials: readonly Trial[],
  { latestMs, counts }: { readonly latestMs: number; readonly counts: (part: number) => boolean },
): Trial {
  let best = { trial: trials[0]!, value: -1 };
  for (const trial of trials) {
    const parts = trial.parts.filter((_, n) => counts(n));
    if (toSpread(parts.flatMap(({ delaysMs }) => delaysMs)).p95Ms > latestMs) continue;
    const value = toF1(parts);
    if (value > best.value) best = { trial, value };
  }
  return best.trial;
}
