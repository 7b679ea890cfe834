import { toTimeText } from '../report/time-text.js';

/** A media time in a sentence: `3.2 s`, `1:02.5`. */
export function toMomentText(ms: number): string {
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : toTimeText(ms);
}

const MOST_DECIMALS = 6;

/** A score, an average or a threshold; with as many decimals as tell it from another one that is not the same. */
export function toScoreText(score: number, other = score): string {
  let decimals = 2;
  while (score !== other && decimals < MOST_DECIMALS && score.toFixed(decimals) === other.toFixed(decimals))
    decimals++;
  return score.toFixed(decimals);
}
