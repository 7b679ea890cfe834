import { setImmediate as yieldTurn } from 'node:timers/promises';
import { type SegmentMetrics, toSegmentMetrics } from '../eval/segment-metrics.js';
import type { FoundSegment } from '../eval/truth.js';
import { atTemperature } from '../infer/temperature.js';
import type { Smoothing } from '../types.js';
import { applyChange, coolThresholds, drawChange } from './candidate.js';
import { type Spread, toDelays, toSpread } from './delay.js';
import { fitTemperature, type TemperatureFit, toPairs } from './fit-temperature.js';
import { LabelTrials } from './label-thresholds.js';
import { type Difference, toDifference } from './paired-difference.js';
import { type LabelledClip, type Part, toParts } from './parts.js';
import { createRandom } from './random.js';
import { toBest, type Trial, tryOut } from './search.js';

/** `kept`: as configured; `common`: all thresholds moved together; `own`: some labels apart from the others too. */
export type Choice = 'kept' | 'common' | 'own';

/** What a way of choosing settings reaches on parts that it did not see. */
export interface Expected {
  readonly choice: Choice;
  readonly metrics: SegmentMetrics;
  /** From when a label was first seen until its segment was sure. */
  readonly delay: Spread;
}

/** What was chosen, and what it is worth. */
export interface Calibration {
  readonly parts: number;
  readonly folds: number;
  /** In the order of `Choice`. */
  readonly expected: readonly Expected[];
  readonly choice: Choice;
  /** It would gain more, and is left out as its starts are sure too late. */
  readonly tooLate: Choice | null;
  /** F1@25 of the best choice less that of `kept`, which is chosen when that may be none. */
  readonly gain: Difference;
  readonly temperature: TemperatureFit;
  /** Chosen on all parts; the configured one when it is kept. */
  readonly smoothing: Smoothing;
}

interface CalibrationOptions {
  /** In force now. */
  readonly smoothing: Smoothing;
  /** Other labels have scores too, whose thresholds are not known here. */
  readonly isTemperatureFixed: boolean;
  /** How late a start may be sure, after the label was first seen, in 95 of 100 cases. */
  readonly latestMs: number;
  /** How many settings are tried. */
  readonly budget: number;
  readonly onProgress: (done: number) => void;
}

/** What a way that is less simple must gain in F1@25. */
const LEAST_GAIN = 0.005;
const SEED = 1;

/**
 * Chooses smoothing for labelled clips: a temperature by log loss, then times and thresholds by F1@25 over drawn settings, then
 * thresholds of single labels. Each step is kept only when it gains on folds that it was not chosen on; random, but the same
 * each time. Throws what `signal` aborts with.
 */
export async function calibrate(
  clips: readonly LabelledClip[],
  { smoothing, isTemperatureFixed, latestMs, budget, onProgress }: CalibrationOptions,
  signal: AbortSignal,
): Promise<Calibration> {
  const parts = toParts(clips, smoothing.thresholds);
  const folds = [...new Set(parts.map(({ fold }) => fold))];
  const present = smoothing.temperature ?? 1;
  const pairs = toPairs(clips, parts);
  const fitted = fitTemperature(pairs, { foldOf: (n) => parts[n]!.fold, present });
  const temperature = isTemperatureFixed ? { ...fitted, temperature: 1 } : fitted;
  const cooled = clips.map((clip) => cool(clip, temperature.temperature));
  const base = coolSmoothing(smoothing, temperature.temperature);
  const judged = new Set(parts.flatMap((part) => part.judged.labels.map(({ name }) => name)));
  const isJudged = clips[0]!.scored.labels.map((label) => judged.has(label));

  const random = createRandom(SEED);
  const trials: Trial[] = [];
  for (let n = 0; n < budget; n++) {
    const tried = n === 0 ? base : applyChange(base, drawChange(random), isJudged);
    trials.push(tryOut(tried, cooled, parts));
    onProgress(n + 1);
    await yieldTurn();
    signal.throwIfAborted();
  }
  const choose = (fold: number | null): Trial =>
    toBest(trials, { latestMs, counts: (n) => parts[n]!.fold !== fold });
  const labelTrials = new Map<Trial, LabelTrials>(); // folds mostly choose the same
  const refine = async (trial: Trial, fold: number | null): Promise<Smoothing> => {
    const tried = labelTrials.get(trial) ?? (await LabelTrials.of(trial, { clips: cooled, parts }, signal));
    labelTrials.set(trial, tried);
    return tried.choose((n) => parts[n]!.fold !== fold);
  };

  const kept = tryOut(smoothing, clips, parts);
  const bests = new Map(folds.map((fold) => [fold, choose(fold)]));
  const owns = new Map<number, Trial>();
  for (const [fold, best] of bests) {
    owns.set(fold, tryOut(await refine(best, fold), cooled, parts));
    await yieldTurn();
    signal.throwIfAborted();
  }
  const found = {
    kept: toFound(parts, () => kept),
    common: toFound(parts, (fold) => bests.get(fold)!),
    own: toFound(parts, (fold) => owns.get(fold)!),
  };
  const expected = (['kept', 'common', 'own'] as const).map((choice) => judge(choice, parts, found[choice]));
  const prompt = expected.filter(({ choice, delay }) => choice !== 'own' || delay.p95Ms <= latestMs);
  const best = toSteps(prompt).choice;
  const unbound = toSteps(expected).choice;
  const gain = toDifference(
    parts.map((part) => part.judged),
    [found[best], found.kept],
    createRandom(SEED),
  );
  const choice = gain.low > 0 ? best : 'kept';
  const chosen = choose(null);
  const final = {
    kept: () => smoothing,
    common: () => chosen.smoothing,
    own: () => refine(chosen, null),
  };
  return {
    parts: parts.length,
    folds: folds.length,
    expected,
    choice,
    tooLate: unbound === best ? null : unbound,
    gain,
    temperature,
    smoothing: await final[choice](),
  };
}

/** What each part's own trial found in it. */
function toFound(
  parts: readonly Part[],
  trialOf: (fold: number) => Trial,
): readonly (readonly FoundSegment[])[] {
  return parts.map(({ clip, fold }) => trialOf(fold).found[clip]!);
}

function judge(
  choice: Choice,
  parts: readonly Part[],
  found: readonly (readonly FoundSegment[])[],
): Expected {
  const metrics = toSegmentMetrics(parts.map(({ judged }, n) => ({ clip: judged, found: found[n]! })));
  const durationMs = parts.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  const rate = metrics.falseStartsPerHour; // of the length of its clip for each part
  return {
    choice,
    metrics: {
      ...metrics,
      durationMs,
      falseStartsPerHour: rate === null ? null : (rate * metrics.durationMs) / durationMs,
    },
    delay: toSpread(parts.flatMap(({ sightings }, n) => toDelays(sightings, found[n]!))),
  };
}

/** The last one that gains enough over what is simpler. */
function toSteps(expected: readonly Expected[]): Expected {
  return expected.reduce((one, other) => (gainOf(other, one) >= LEAST_GAIN ? other : one));
}

function gainOf(one: Expected, other: Expected): number {
  return (one.metrics.f1.at25 ?? 0) - (other.metrics.f1.at25 ?? 0);
}

function cool(clip: LabelledClip, temperature: number): LabelledClip {
  if (temperature === 1) return clip;
  const frames = clip.scored.frames.map((frame) => ({
    ...frame,
    scores: atTemperature(frame.scores.slice(), temperature),
  }));
  return { ...clip, scored: { ...clip.scored, frames } };
}

/** The same decisions about single scores, at a temperature on top of the one there is. */
function coolSmoothing(smoothing: Smoothing, temperature: number): Smoothing {
  if (temperature === 1) return smoothing;
  return {
    ...smoothing,
    temperature: Math.round((smoothing.temperature ?? 1) * temperature * 100) / 100,
    thresholds: smoothing.thresholds.map((own) => coolThresholds(own, temperature)),
  };
}
