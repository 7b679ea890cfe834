import { type JudgedClip, toJudgedClip } from '../eval/judged-clip.js';
import type { LabelSpan, Truth } from '../eval/truth.js';
import type { Thresholds } from '../types.js';
import { type Sighting, toSightings } from './delay.js';
import type { ScoredClip } from './scored-clip.js';

/** A clip with its scores and what is true of it. */
export interface LabelledClip {
  readonly name: string;
  readonly scored: ScoredClip;
  readonly truth: Truth;
  readonly durationMs: number;
}

/** A stretch of a clip that is judged by itself. */
export interface Part {
  /** Its clip, by number. */
  readonly clip: number;
  /** Parts of one fold are left out together when settings are chosen for them. */
  readonly fold: number;
  readonly judged: JudgedClip;
  readonly sightings: readonly Sighting[];
}

/** From so many clips on each is a part; fewer are cut. */
const ENOUGH_CLIPS = 4;
const LEAST_PARTS = 8;
const MOST_FOLDS = 10;

/**
 * The parts for cross-validation: whole clips, or, where there are few, at least eight stretches of equal length, in folds of
 * their own. What lies outside a stretch is optional time of it.
 */
export function toParts(clips: readonly LabelledClip[], thresholds: readonly Thresholds[]): Part[] {
  const each = clips.length >= ENOUGH_CLIPS ? 1 : Math.ceil(LEAST_PARTS / clips.length);
  const parts: Part[] = [];
  for (const [clip, labelled] of clips.entries())
    for (let n = 0; n < each; n++) {
      const fold = each === 1 ? clip % MOST_FOLDS : parts.length;
      const judged = judge(labelled, [n / each, (n + 1) / each]);
      const sightings = toSightings({ trace: labelled.scored, truth: judged }, thresholds);
      parts.push({ clip, fold, judged, sightings: sightings.filter((one) => isWithin(one, judged)) });
    }
  return parts;
}

function judge(
  { scored: { labels }, truth, durationMs }: LabelledClip,
  [from, to]: readonly [number, number],
): JudgedClip {
  const endMs = Math.min(truth.durationMs ?? durationMs, durationMs);
  const [startMs, stopMs] = [Math.round(from * endMs), Math.round(to * endMs)];
  const outside = (truth.labels ?? labels).flatMap((label): LabelSpan[] =>
    [
      { label, startMs: 0, endMs: startMs },
      { label, startMs: stopMs, endMs },
    ].filter((span) => span.endMs > span.startMs),
  );
  return toJudgedClip({ ...truth, optional: [...truth.optional, ...outside] }, { labels, durationMs });
}

function isWithin({ label, seenMs }: Sighting, { labels }: JudgedClip): boolean {
  const holes = labels.find(({ name }) => name === label)?.holes ?? [];
  return holes.every(({ startMs, endMs }) => seenMs < startMs || seenMs >= endMs);
}
