import { atTemperature } from '../infer/temperature.js';
import type { Smoothing, Thresholds } from '../types.js';
import { coolThresholds, shiftThresholds } from './candidate.js';
import { fitTemperature, type ScoredPairs, type TemperatureFit } from './fit-temperature.js';
import { shifted, toLogOdds } from './log-odds.js';
import { bootstrap, type Difference, type Hits, toF1 } from './paired-difference.js';
import type { LabelledPhoto } from './photo-labels.js';
import { createRandom } from './random.js';

/** A photo with its scores, one for each label. */
export interface ScoredPhoto extends LabelledPhoto {
  readonly scores: Float32Array;
}

/** What was chosen by photos, and what it is worth on photos that were not used. */
export interface PhotoCalibration {
  /** Whether the photos can tell that there is a gain. */
  readonly isSure: boolean;
  readonly photos: number;
  readonly positives: number;
  /** F1 over pairs of photo and label, at `enter`, 0 to 1: as configured, and as chosen. */
  readonly before: number;
  readonly after: number;
  readonly gain: Difference;
  readonly temperature: TemperatureFit;
  /** The configured one when nothing is gained. */
  readonly smoothing: Smoothing;
}

const FOLDS = 5;
/** A label with so many positives lies half-way between its own optimum and that of all, as in model/sgfn/thresholds.py. */
const PRIOR_POSITIVES = 20;
const ENTER = { low: 0.05, high: 0.95 };
const SEED = 1;

/** A score of one label, and whether the label is to be seen. */
interface Pair {
  readonly score: number;
  readonly holds: boolean;
}

interface PhotoOptions {
  /** In force now. */
  readonly smoothing: Smoothing;
  /** Other labels have scores too, whose thresholds are not known here. */
  readonly isTemperatureFixed: boolean;
  /** Of the labels of the scores. */
  readonly names: readonly string[];
  /** Whose absence is known where they are not written down. */
  readonly judged: readonly string[];
}

/**
 * Chooses a temperature by log loss, and `enter` of each label by F1, drawn towards that of all labels together; `exit` stays
 * as far below as it was, in log-odds. Photos beside one another count as alike: folds are fifths of the list in its order.
 */
export function calibratePhotos(
  photos: readonly ScoredPhoto[],
  { smoothing, names, judged, isTemperatureFixed }: PhotoOptions,
): PhotoCalibration {
  const columns = names.flatMap((name, label) => (judged.includes(name) ? [{ name, label }] : []));
  const pairsOf = (photo: ScoredPhoto): (Pair | null)[] =>
    columns.map(({ name, label }) =>
      photo.difficult.includes(name)
        ? null
        : { score: photo.scores[label]!, holds: photo.labels.includes(name) },
    );
  const foldOf = (n: number): number => Math.floor((n * FOLDS) / photos.length); // neighbours are alike
  const fitted = fitTemperature(
    photos.map((photo) => toSet(pairsOf(photo))),
    { foldOf, present: smoothing.temperature ?? 1 },
  );
  const temperature = isTemperatureFixed ? { ...fitted, temperature: 1 } : fitted;
  const cooled = photos.map((photo) => ({
    ...photo,
    scores: atTemperature(photo.scores.slice(), temperature.temperature),
  }));
  const base = smoothing.thresholds.map((own) => coolThresholds(own, temperature.temperature));
  const chooseBy = (chosen: readonly ScoredPhoto[]): readonly Thresholds[] => {
    const rows = chosen.map(pairsOf);
    const overall = toBestEnter(rows.flat().filter((pair) => pair !== null));
    const shifts = columns.map(({ label }, column) => {
      const own = rows.flatMap((row) => row[column] ?? []);
      return toLogOdds(draw(own, overall)) - toLogOdds(base[label]!.enter);
    });
    return base.map((own, label) => {
      const column = columns.findIndex((one) => one.label === label);
      return column < 0 ? own : shiftThresholds(own, shifts[column]!);
    });
  };
  const hitsOf = (photo: ScoredPhoto, thresholds: readonly Thresholds[]): Hits =>
    toHits(
      pairsOf(photo),
      columns.map(({ label }) => thresholds[label]!.enter),
    );
  const before = photos.map((photo) => hitsOf(photo, smoothing.thresholds));
  const byFold = Array.from({ length: FOLDS }, (_, fold) =>
    chooseBy(cooled.filter((__, n) => foldOf(n) !== fold)),
  );
  const after = cooled.map((photo, n) => hitsOf(photo, byFold[foldOf(n)]!));
  const gain = bootstrap(before.length, [after, before], createRandom(SEED));
  const total = (smoothing.temperature ?? 1) * temperature.temperature;
  const chosen: Smoothing = {
    ...smoothing,
    ...(total === 1 ? {} : { temperature: Math.round(total * 100) / 100 }),
    thresholds: chooseBy(cooled),
  };
  const isSure = gain.low > 0;
  return {
    isSure,
    photos: photos.length,
    positives: photos.reduce((sum, photo) => sum + pairsOf(photo).filter((pair) => pair?.holds).length, 0),
    before: toF1(before),
    after: toF1(after),
    gain,
    temperature,
    smoothing: isSure ? chosen : smoothing,
  };
}

function draw(pairs: readonly Pair[], overall: number): number {
  const positives = pairs.filter(({ holds }) => holds).length;
  if (positives === 0) return overall;
  const own = toLogOdds(toBestEnter(pairs));
  const shift = (positives * own + PRIOR_POSITIVES * toLogOdds(overall)) / (positives + PRIOR_POSITIVES);
  return Math.min(ENTER.high, Math.max(ENTER.low, shifted(0.5, shift)));
}

/** The threshold of the largest F1, half-way between the scores on its two sides. */
function toBestEnter(pairs: readonly Pair[]): number {
  const sorted = [...pairs].sort((a, b) => b.score - a.score);
  const positives = sorted.filter(({ holds }) => holds).length;
  let [right, best, enter] = [0, -1, 0.5];
  for (const [n, { score, holds }] of sorted.entries()) {
    if (holds) right += 1;
    const next = sorted[n + 1]?.score ?? 0;
    const f1 = (2 * right) / (n + 1 + positives);
    if (next === score || f1 <= best) continue;
    [best, enter] = [f1, (score + next) / 2];
  }
  return enter;
}

function toHits(pairs: readonly (Pair | null)[], enters: readonly number[]): Hits {
  let [hits, segments] = [0, 0];
  for (const [n, pair] of pairs.entries()) {
    if (pair === null) continue;
    const isFound = pair.score >= enters[n]!;
    segments += Number(isFound) + Number(pair.holds);
    hits += Number(isFound && pair.holds);
  }
  return { hits, segments };
}

function toSet(pairs: readonly (Pair | null)[]): ScoredPairs {
  const kept = pairs.filter((pair) => pair !== null);
  return { logOdds: kept.map(({ score }) => toLogOdds(score)), holds: kept.map(({ holds }) => holds) };
}
