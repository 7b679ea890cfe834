import type { JudgedLabel } from '../eval/judged-clip.js';
import { toLogOdds } from './log-odds.js';
import type { LabelledClip, Part } from './parts.js';

/** Scores and whether their labels held. */
export interface ScoredPairs {
  readonly logOdds: readonly number[];
  readonly holds: readonly boolean[];
}

/** What scores are worth as probabilities at a temperature, on pairs that were not used to choose it. */
export interface TemperatureFit {
  /** 1 where another one would gain less than a hundredth of the log loss. */
  readonly temperature: number;
  /** Log loss a pair, in nats, of the scores as they are. */
  readonly before: number;
  /** Of the fitted ones. */
  readonly after: number;
}

/** Of all parts together; every so many frames are left out, as neighbours tell the same. */
const ENOUGH_PAIRS = 200_000;
/** What it may be on top of the one there is, and in all, as the configuration has it. */
const RANGE = { low: 0.25, high: 4 };
const TOTAL = { low: 0.1, high: 10 };
const STEPS = 30;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const LEAST_GAIN = 0.01;

/** The pairs of each part: the frames in its judged time, with the labels it judges. */
export function toPairs(clips: readonly LabelledClip[], parts: readonly Part[]): ScoredPairs[] {
  const counted = new Map(parts.map(({ clip, judged }) => [clip, judged.labels.length]));
  const all = [...counted].reduce(
    (sum, [clip, labels]) => sum + clips[clip]!.scored.frames.length * labels,
    0,
  );
  const stride = Math.max(1, Math.ceil(all / ENOUGH_PAIRS));
  return parts.map(({ clip, judged }) => {
    const { labels, frames } = clips[clip]!.scored;
    const pairs: { logOdds: number[]; holds: boolean[] } = { logOdds: [], holds: [] };
    for (const label of judged.labels) {
      const index = labels.indexOf(label.name);
      for (let n = 0; n < frames.length; n += stride) {
        const { ptsMs, scores } = frames[n]!;
        const holds = holdsAt(label, ptsMs);
        if (holds === null || ptsMs >= judged.durationMs) continue;
        pairs.logOdds.push(toLogOdds(scores[index]!));
        pairs.holds.push(holds);
      }
    }
    return pairs;
  });
}

/** Null: not judged then. */
function holdsAt({ holes, spans }: JudgedLabel, ms: number): boolean | null {
  const lies = ({ startMs, endMs }: { startMs: number; endMs: number }) => startMs <= ms && ms < endMs;
  return holes.some(lies) ? null : spans.some(lies);
}

/**
 * The temperature of the least log loss, each fold judged by what the others say; `foldOf`: of each set of pairs, `present`: the
 * one that the scores have already.
 */
export function fitTemperature(
  sets: readonly ScoredPairs[],
  { foldOf, present }: { readonly foldOf: (set: number) => number; readonly present: number },
): TemperatureFit {
  const range = {
    low: Math.log(Math.max(RANGE.low, TOTAL.low / present)),
    high: Math.log(Math.min(RANGE.high, TOTAL.high / present)),
  };
  const folds = [...new Set(sets.map((_, n) => foldOf(n)))];
  const loss = { before: 0, after: 0, pairs: 0 };
  for (const fold of folds) {
    const [held, rest] = [true, false].map((isIn) => sets.filter((_, n) => (foldOf(n) === fold) === isIn));
    const temperature = toLeastLoss(rest!, range);
    loss.before += toLoss(held!, 1);
    loss.after += toLoss(held!, temperature);
    loss.pairs += count(held!);
  }
  const [before, after] = [loss.before / loss.pairs, loss.after / loss.pairs];
  const fitted = Math.round(toLeastLoss(sets, range) * present * 100) / 100 / present; // in all, as it is written
  return { temperature: after < (1 - LEAST_GAIN) * before ? fitted : 1, before, after };
}

/** By golden section over its logarithm: log loss has one minimum, as it is convex in 1/T. */
function toLeastLoss(sets: readonly ScoredPairs[], range: { low: number; high: number }): number {
  let { low, high } = range;
  for (let step = 0; step < STEPS; step++) {
    const [one, other] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (toLoss(sets, Math.exp(one)) <= toLoss(sets, Math.exp(other))) high = other;
    else low = one;
  }
  return Math.exp((low + high) / 2);
}

/** Summed over pairs, in nats. */
function toLoss(sets: readonly ScoredPairs[], temperature: number): number {
  let sum = 0;
  for (const { logOdds, holds } of sets)
    for (let n = 0; n < logOdds.length; n++) {
      const z = (holds[n] ? -1 : 1) * (logOdds[n]! / temperature);
      sum += z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
    }
  return sum;
}

function count(sets: readonly ScoredPairs[]): number {
  return sets.reduce((sum, { holds }) => sum + holds.length, 0);
}
