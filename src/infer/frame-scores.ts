import { InferError } from '../errors.js';
import type { Scores } from '../types.js';

export const ANOTHER = 'try another device, or another model package';

/**
 * The scores of each frame of a batch, frames × labels; an InferError in the place of those that are not numbers or, unless
 * `isLenient`, no probabilities.
 */
export function splitScores(all: Float32Array, labelCount: number, isLenient: boolean): (Scores | Error)[] {
  return Array.from({ length: all.length / labelCount }, (_, n) =>
    check(all.slice(n * labelCount, (n + 1) * labelCount), isLenient),
  );
}

function check(scores: Scores, isLenient: boolean): Scores | Error {
  if (!scores.every(Number.isFinite))
    return new InferError('the model gave scores that are not numbers for a frame', {
      remedy: ANOTHER,
      frameFailure: 'not-numbers',
    });
  const wild = isLenient ? undefined : scores.find(isWild);
  if (wild === undefined) return scores;
  return new InferError(`the model gave a frame the score ${wild.toPrecision(4)}, which is no probability`, {
    remedy: 'put the sigmoid into the model, or import it with --activation sigmoid',
    frameFailure: 'not-numbers',
  });
}

/** Beyond what three decimals of an event round away. */
function isWild(score: number): boolean {
  return score < -0.0005 || score > 1.0005;
}
