import { toScoreText } from '../explain/number-text.js';
import { KEPT_FROM } from '../publish/score-curves.js';
import type { ScoreBlock } from '../types.js';
import { toPrintable } from './messages.js';

/** A published label, by its place among the scores, with the threshold at which it begins. */
export interface LabelStart {
  readonly name: string;
  readonly enter: number;
}

/** What came nearest where no label has a segment, in words; null: no scores were kept. */
export function toNearestText(blocks: readonly ScoreBlock[], labels: readonly LabelStart[]): string | null {
  if (blocks.length === 0) return null;
  let nearest: (LabelStart & { readonly score: number }) | null = null;
  for (const { curves } of blocks)
    for (const [place, curve] of curves) {
      const label = labels[place];
      if (label === undefined) continue;
      for (const score of curve) {
        const missing = nearest === null ? Number.POSITIVE_INFINITY : nearest.enter - nearest.score;
        if (label.enter - score < missing) nearest = { ...label, score }; // never of one that is not a number, which was not kept
      }
    }
  if (nearest === null) return `no score came to ${KEPT_FROM}`;
  const { name, score, enter } = nearest;
  const [came, needs] = [toScoreText(score, enter), toScoreText(enter, score)];
  return `nearest: ${toPrintable(name)} ${came} (enter ${needs}); labelcast explain shows why`;
}
