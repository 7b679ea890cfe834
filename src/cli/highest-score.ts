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
export function toHighestText(blocks: readonly ScoreBlock[], labels: readonly LabelStart[]): string | null {
  if (blocks.length === 0) return null;
  let [place, score] = [-1, 0];
  // one that is not a number was not kept
  for (const { curves } of blocks)
    for (const [label, curve] of curves)
      for (const one of curve) if (one > score) [place, score] = [label, one];
  const label = labels[place];
  if (label === undefined) return `no score came to ${KEPT_FROM}`;
  const [highest, enter] = [toScoreText(score, label.enter), toScoreText(label.enter, score)];
  return `highest: ${toPrintable(label.name)} ${highest} (enter ${enter}); labelcast explain shows why`;
}
