import { setImmediate as yieldTurn } from 'node:timers/promises';
import type { FoundSegment } from '../eval/truth.js';
import type { Smoothing, Thresholds } from '../types.js';
import { shiftThresholds } from './candidate.js';
import { type Hits, toF1, toHits } from './paired-difference.js';
import type { LabelledClip, Part } from './parts.js';
import { type ScoredClip, toSegments } from './scored-clip.js';
import type { Trial } from './search.js';

/** True and found segments of a label together; of fewer, chance would choose. */
const LEAST_SEGMENTS = 4;
/** What a label's own thresholds must gain, in hits, to be worth leaving the others'. */
const LEAST_GAIN = 1;
const SHIFTS = [0, -1.5, -1.25, -1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1, 1.25, 1.5];

/** What shifted thresholds of one label make of each part; a part that does not judge the label has nothing. */
interface LabelTrial {
  readonly thresholds: Thresholds;
  readonly parts: readonly (Hits | null)[];
}

/** Thresholds around those of a trial, tried for each label by itself. */
export class LabelTrials {
  readonly #trial: Trial;
  /** Of each label, the unshifted first; empty: there is too little of it. */
  readonly #labels: readonly (readonly LabelTrial[])[];

  private constructor(trial: Trial, labels: readonly (readonly LabelTrial[])[]) {
    this.#trial = trial;
    this.#labels = labels;
  }

  /** Lets others have turns in between. Throws what `signal` aborts with. */
  static async of(
    trial: Trial,
    { clips, parts }: { readonly clips: readonly LabelledClip[]; readonly parts: readonly Part[] },
    signal: AbortSignal,
  ): Promise<LabelTrials> {
    const labels: LabelTrial[][] = [];
    for (const label of trial.smoothing.thresholds.keys()) {
      labels.push(tryLabel(trial, label, { clips, parts }));
      await yieldTurn();
      signal.throwIfAborted();
    }
    return new LabelTrials(trial, labels);
  }

  /**
   * Smoothing with thresholds of their own for the labels that gain by it over the parts that count, by number. Pooled
   * F1 = 2 × hits / segments is raised by whatever raises 2 × hits − F1 × segments (Dinkelbach 1967), which is a sum over
   * labels, so each label chooses for itself.
   */
  choose(counts: (part: number) => boolean): Smoothing {
    const { smoothing, parts } = this.#trial;
    const f1 = toF1(parts.filter((_, n) => counts(n)));
    const worthOf = (trial: LabelTrial) => {
      const hits = trial.parts.filter((one, n) => one !== null && counts(n)) as Hits[];
      const segments = hits.reduce((sum, one) => sum + one.segments, 0);
      return { segments, value: hits.reduce((sum, one) => sum + 2 * one.hits, 0) - f1 * segments };
    };
    const thresholds = smoothing.thresholds.map((own, label) => {
      const [common, ...others] = this.#labels[label]!.map((trial) => ({ trial, worth: worthOf(trial) }));
      if (common === undefined || common.worth.segments < LEAST_SEGMENTS) return own;
      const best = others.reduce((one, other) => (other.worth.value > one.worth.value ? other : one), common);
      return best.worth.value - common.worth.value >= 2 * LEAST_GAIN ? best.trial.thresholds : own;
    });
    return { ...smoothing, thresholds };
  }
}

function tryLabel(
  { smoothing, found: all }: Trial,
  label: number,
  { clips, parts }: { readonly clips: readonly LabelledClip[]; readonly parts: readonly Part[] },
): LabelTrial[] {
  const name = clips[0]!.scored.labels[label]!;
  const judged = parts.map((part) => {
    const labels = part.judged.labels.filter((one) => one.name === name);
    return labels.length === 0 ? null : { ...part.judged, labels };
  });
  const toParts = (found: readonly (readonly FoundSegment[])[]) =>
    parts.map(({ clip }, n) => {
      const one = judged[n];
      return one ? toHits(one, found[clip]!) : null;
    });
  const segments = toParts(all).reduce((sum, hits) => sum + (hits?.segments ?? 0), 0);
  if (segments < LEAST_SEGMENTS) return [];
  const alone = clips.map(({ scored }) => toAlone(scored, label));
  return SHIFTS.map((shift) => {
    const thresholds = shiftThresholds(smoothing.thresholds[label]!, shift);
    const found = alone.map((clip) => toSegments(clip, { ...smoothing, thresholds: [thresholds] }));
    return { thresholds, parts: toParts(found) };
  });
}

/** The scores of one label. */
function toAlone({ labels, frames, ...rest }: ScoredClip, label: number): ScoredClip {
  return {
    ...rest,
    labels: [labels[label]!],
    frames: frames.map((frame) => ({ ...frame, scores: frame.scores.subarray(label, label + 1) })),
  };
}
