/**
 * Divides the log-odds of scores by a temperature, in place: p becomes p^(1/T) / (p^(1/T) + (1 − p)^(1/T)), as in temperature
 * scaling (Guo et al. 2017, arXiv 1706.04599), for labels that do not exclude one another. 0, 1 and what is no number stay.
 */
export function atTemperature(scores: Float32Array, temperature: number): Float32Array {
  if (temperature === 1) return scores;
  for (const [label, score] of scores.entries()) {
    const yes = score ** (1 / temperature);
    scores[label] = yes / (yes + (1 - score) ** (1 / temperature));
  }
  return scores;
}
