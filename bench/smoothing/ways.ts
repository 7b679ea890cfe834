import { shifted, toLogOdds } from '../../src/calibrate/log-odds.js';
import { type ScoredClip, toSegments } from '../../src/calibrate/scored-clip.js';
import type { Smoothing, Thresholds } from '../../src/types.js';
import { GAP_TOLERANCE_MS, type Trace } from '../truth/trace.js';
import { type Detector, detect } from './detector.js';
import type { Range, Settings, Way } from './way.js';

/** Of the thresholds, in log-odds, from the model's own. */
const SHIFT: Range = { low: -1.5, high: 2.5 };
const USUAL_DROP = 1.8; // the shipped model's
/** How far the lower threshold lies below the upper one, in log-odds. */
const DROP: Range = { low: 0.05, high: 2.5 };
const HALF_LIFE: Range = { low: 20, high: 2000, isLog: true };
const COUNT: Range = { low: 2, high: 15, isWhole: true };

/** On whenever the score is at the threshold. */
const raw: Way = {
  name: 'raw threshold',
  ranges: { shift: SHIFT },
  usual: { shift: 0 },
  segments: (trace, thresholds, { shift }) =>
    detect(trace, (label) => threshold(shifted(thresholds[label]!.enter, shift!))),
};

/** The median of the last n scores against a threshold, as Frigate (docs.frigate.video) steadies an object's score. */
const median: Way = {
  name: 'median of n scores',
  ranges: { shift: SHIFT, n: COUNT },
  usual: { shift: 0, n: 3 },
  segments: (trace, thresholds, { shift, n }) =>
    detect(trace, (label) => medianOf(n!, shifted(thresholds[label]!.enter, shift!))),
};

/** A state is left once n frames in a row say so, as Frigate does with the states of objects. */
const equalStates: Way = {
  name: 'n equal states',
  ranges: { shift: SHIFT, n: COUNT },
  usual: { shift: 0, n: 3 },
  segments: (trace, thresholds, { shift, n }) =>
    detect(trace, (label) => inARow(n!, shifted(thresholds[label]!.enter, shift!))),
};

/** An exponential moving average in media time against one threshold. */
const average: Way = {
  name: 'moving average',
  ranges: { shift: SHIFT, halfLifeMs: HALF_LIFE },
  usual: { shift: 0, halfLifeMs: 400 },
  segments: (trace, thresholds, { shift, halfLifeMs }) =>
    detect(trace, (label) => averaged(halfLifeMs!, shifted(thresholds[label]!.enter, shift!))),
};

/** Raw scores against an upper and a lower threshold (arXiv 1904.03841). */
const twoThresholds: Way = {
  name: 'two thresholds',
  ranges: { shift: SHIFT, drop: DROP },
  usual: { shift: 0, drop: USUAL_DROP },
  segments: (trace, thresholds, { shift, drop }) =>
    detect(trace, (label) => {
      const { enter } = thresholds[label]!;
      return hysteresis(shifted(enter, shift!), shifted(enter, shift! - drop!));
    }),
};

/**
 * A forward filter of two states, as of a hidden Markov model (Rabiner 1989): a second of score s is `weight` times its
 * log-odds over the threshold's as evidence, and the label comes and goes at random, at `on` and `off` times a minute.
 */
const bayes: Way = {
  name: 'two-state Bayes filter',
  ranges: {
    shift: SHIFT,
    weight: { low: 0.3, high: 30, isLog: true },
    on: { low: 0.001, high: 10, isLog: true },
    off: { low: 0.001, high: 20, isLog: true },
  },
  usual: { shift: 0, weight: 3, on: 0.2, off: 2 },
  segments: (trace, thresholds, { shift, weight, on, off }) =>
    detect(trace, (label) =>
      forward({ weight: weight!, on: on!, off: off!, level: toLogOdds(thresholds[label]!.enter) + shift! }),
    ),
};

/** What labelcast does: its own smoother. */
const ours: Way = {
  name: 'labelcast',
  ranges: {
    shift: SHIFT,
    drop: DROP,
    halfLifeMs: HALF_LIFE,
    minOnMs: { low: 50, high: 3000, isLog: true },
    minOffMs: { low: 50, high: 5000, isLog: true },
  },
  usual: { shift: 0, drop: USUAL_DROP, halfLifeMs: 200, minOnMs: 400, minOffMs: 1500 },
  segments: (trace, thresholds, settings) =>
    toSegments(toScoredClip(trace), {
      ...toSmoothing(thresholds, settings),
      gapToleranceMs: trace.gapToleranceMs ?? GAP_TOLERANCE_MS,
    }),
};

/** labelcast's smoothing by the settings of `ours`. */
export function toSmoothing(
  thresholds: readonly Thresholds[],
  { shift, drop, halfLifeMs, minOnMs, minOffMs }: Settings,
): Smoothing {
  return {
    halfLifeMs: halfLifeMs!,
    minOnMs: minOnMs!,
    minOffMs: minOffMs!,
    gapToleranceMs: GAP_TOLERANCE_MS,
    thresholds: thresholds.map(({ enter }) => ({
      enter: shifted(enter, shift!),
      exit: shifted(enter, shift! - drop!),
    })),
  };
}

export const WAYS: readonly Way[] = [raw, median, equalStates, average, twoThresholds, bayes, ours];

/** Of every frame, 25 a second: so many the clips have. */
function toScoredClip({ labels, fps, frames, end }: Trace): ScoredClip {
  const cause = end.cause === 'corrupt' ? 'corrupt' : null;
  return { labels, fps: fps ?? 25, frames, end: { durationMs: end.durationMs, cause } };
}

function threshold(level: number): Detector {
  return new Simple((_, score) => score >= level);
}

function medianOf(n: number, level: number): Detector {
  const last: number[] = [];
  return new Simple((_, score) => {
    last.push(score);
    if (last.length > n) last.shift();
    // the lower of two middles, while there are fewer
    return last.filter((one) => one >= level).length > last.length / 2;
  });
}

function averaged(halfLifeMs: number, level: number): Detector {
  let value = 0;
  let beforeMs = Number.NEGATIVE_INFINITY;
  return new Simple((atMs, score) => {
    value += (1 - 2 ** ((beforeMs - atMs) / halfLifeMs)) * (score - value);
    beforeMs = atMs;
    return value >= level;
  });
}

function hysteresis(enter: number, exit: number): Detector {
  let holds = false;
  return new Simple((_, score) => {
    holds = score >= (holds ? exit : enter);
    return holds;
  });
}

/** Starts and ends are dated back to the first of the n. */
function inARow(n: number, level: number): Detector {
  let holds = false;
  let count = 0;
  let firstMs = 0;
  return {
    get sinceMs() {
      return firstMs;
    },
    observe(atMs, score) {
      if (score >= level === holds) {
        count = 0;
        return holds;
      }
      if (count === 0) firstMs = atMs;
      count += 1;
      if (count >= n) {
        holds = !holds;
        count = 0;
      }
      return holds;
    },
  };
}

function forward(of: { weight: number; on: number; off: number; level: number }): Detector {
  const [on, off] = [of.on / 60_000, of.off / 60_000]; // a millisecond
  let probability = on / (on + off);
  let beforeMs: number | null = null;
  return new Simple((atMs, score) => {
    const elapsedMs = beforeMs === null ? 200 : atMs - beforeMs;
    beforeMs = atMs;
    // two states that change at constant rates, over any time
    const settled = on / (on + off);
    const expected = settled + (probability - settled) * Math.exp(-(on + off) * elapsedMs);
    const evidence = of.weight * (elapsedMs / 1000) * (toLogOdds(score) - of.level);
    probability = shifted(Math.min(1 - 1e-9, Math.max(1e-9, expected)), evidence);
    return probability >= 0.5;
  });
}

class Simple implements Detector {
  sinceMs = 0;
  #holds = false;
  constructor(readonly decide: (atMs: number, score: number) => boolean) {}
  observe(atMs: number, score: number): boolean {
    const holds = this.decide(atMs, score);
    if (holds !== this.#holds) this.sinceMs = atMs;
    this.#holds = holds;
    return holds;
  }
}
