import type { Run } from './judged-time.js';

/** How often a label went on or off within (0, judgedMs); what holds at its edges is no change. */
export function countChanges(runs: readonly Run[], judgedMs: number): number {
  return (
    2 * runs.length -
    (isOnAtStart(runs) ? 1 : 0) -
    ((runs.at(-1)?.endMs ?? 0) >= judgedMs && runs.length > 0 ? 1 : 0)
  );
}

/**
 * The edit score of MS-TCN (Farha & Gall 2019, arXiv 1903.01945; after Lea et al. 2016) of one label's sequences of on and
 * off, off counted as a state: 100 × (1 − Levenshtein distance / length of the longer one), 0 to 100.
 *
 * Sequences that alternate have a distance that follows from their lengths and first states: the difference of lengths;
 * of equally long ones that begin differently two (one goes at the front, one comes at the end), or one when they are alone.
 */
export function toEditScore(found: readonly Run[], truth: readonly Run[], judgedMs: number): number {
  const [foundStates, trueStates] = [countChanges(found, judgedMs) + 1, countChanges(truth, judgedMs) + 1];
  const isAlike = isOnAtStart(found) === isOnAtStart(truth);
  const distance =
    foundStates === trueStates && !isAlike ? Math.min(2, foundStates) : Math.abs(foundStates - trueStates);
  return 100 * (1 - distance / Math.max(foundStates, trueStates));
}

function isOnAtStart(runs: readonly Run[]): boolean {
  return runs[0]?.startMs === 0;
}
