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
  /** How long it is. */
  readonly lengthMs: number;
  readonly judged: JudgedClip;
  readonly sightings: readonly Sighting[];
}

/** From so many clips on each is a part; fewer are cut. */
const ENOUGH_CLIPS = 4;
const LEAST_PARTS = 8;
const MOST_FOLDS = 10;
/** A cut is moved by less than one half of a stretch. */
const LEAST_SHARE = 2;

/**
 * The parts for cross-validation: whole clips, or, where there are few, at least eight stretches of about equal length, in folds
 * of their own, cut where few true segments are. What lies outside a stretch is optional time of it.
 */
export function toParts(clips: readonly LabelledClip[], thresholds: readonly Thresholds[]): Part[] {
  const each = clips.length >= ENOUGH_CLIPS ? 1 : Math.ceil(LEAST_PARTS / clips.length);
  const parts: Part[] = [];
  for (const [clip, labelled] of clips.entries()) {
    const cuts = toCuts(labelled, each);
    for (const [n, startMs] of cuts.slice(0, -1).entries()) {
      const fold = each === 1 ? clip % MOST_FOLDS : parts.length;
      const stopMs = cuts[n + 1]!;
      const judged = judge(labelled, [startMs, stopMs]);
      const sightings = toSightings({ trace: labelled.scored, truth: judged }, thresholds);
      const within = sightings.filter((one) => isWithin(one, judged));
      parts.push({ clip, fold, lengthMs: stopMs - startMs, judged, sightings: within });
    }
  }
  return parts;
}

/** Where the parts of a clip begin, and its end: a piece of a segment at a cut is one that nothing could hit. */
function toCuts({ truth, durationMs }: LabelledClip, count: number): number[] {
  const endMs = Math.min(truth.durationMs ?? durationMs, durationMs);
  const edges = truth.segments.flatMap((segment) => [segment.startMs, segment.endMs]);
  const runningAt = (ms: number): number =>
    truth.segments.filter((segment) => segment.startMs < ms && ms < segment.endMs).length;
  const cuts = Array.from({ length: count - 1 }, (_, n) => {
    const idealMs = Math.round(((n + 1) * endMs) / count);
    const near = edges.filter((ms) => Math.abs(ms - idealMs) * LEAST_SHARE < endMs / count);
    return [idealMs, ...near].reduce((one, other) => {
      const fewer = runningAt(other) - runningAt(one);
      const isNearer = Math.abs(other - idealMs) < Math.abs(one - idealMs);
      return fewer < 0 || (fewer === 0 && isNearer) ? other : one;
    });
  });
  return [0, ...cuts, endMs];
}

function judge(
  { scored: { labels }, truth, durationMs }: LabelledClip,
  [startMs, stopMs]: readonly [number, number],
): JudgedClip {
  const endMs = Math.min(truth.durationMs ?? durationMs, durationMs);
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
