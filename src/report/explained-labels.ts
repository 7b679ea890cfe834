import { explainLabel } from '../explain/explanation.js';
import type { BlindTime, LabelTrace } from '../explain/label-trace.js';
import { type RecordedLabel, retrace } from '../explain/retrace.js';
import { type Stay, toStays } from '../explain/stays.js';
import type { SmoothingInForce } from '../model-state.js';
import type { SourcedSegment } from '../publish/segment-row.js';
import type { Thresholds } from '../types.js';
import { type ReportExplanation, type ReportLabel, STATES } from './report-data.js';
import type { Curves, KeptFrames } from './score-curves.js';

/** What a journal holds of a file that says how its labels became segments. */
export interface RecordedFile {
  /** Of the labels, in the order of the scores. */
  readonly names: readonly string[];
  readonly frames: KeptFrames;
  readonly inForce: SmoothingInForce;
  readonly segments: readonly SourcedSegment[];
  readonly blind: readonly BlindTime[];
  readonly end: RecordedLabel['end'];
}

/** Labels of which more is not told. */
const MOST_NEAR = 12;

/**
 * The places of labels without a segment, of `wanted` ones (undefined: any), whose scores came to where their averages may have
 * been near to one, nearest first.
 */
export function findNearPlaces(
  { names, frames, inForce, segments }: RecordedFile,
  wanted: readonly string[] | undefined,
): number[] {
  const found = new Set(segments.map(({ label }) => label));
  return [...names.keys()]
    .filter((place) => !found.has(names[place]!) && (wanted?.includes(names[place]!) ?? true))
    .map((place) => ({
      place,
      highest: frames.scoresOf(place).reduce((most, one) => Math.max(most, one), 0),
    }))
    .filter(({ place, highest }) => highest >= thresholdsOf(inForce, place).exit)
    .sort((a, b) => b.highest - a.highest)
    .slice(0, MOST_NEAR)
    .map(({ place }) => place);
}

/** Frames of labels of one source that are gone through again, which takes some ten microseconds each. */
const MOST_FRAMES = 1_000_000;
/** Turns of one source: more words would make its page heavy. */
const MOST_TURNS = 2000;

/** Why segments of the labels at some places began, or did not, by label; without those that what was kept does not explain. */
export function explainPlaces(
  file: RecordedFile,
  places: readonly number[],
  curves: Curves,
): Map<string, ReportExplanation> {
  const explanations = new Map<string, ReportExplanation>();
  let room = MOST_TURNS;
  const most = Math.floor(MOST_FRAMES / Math.max(1, file.frames.timesMs.length));
  for (const place of places.slice(0, most)) {
    const trace = retrace(toRecorded(file, place), file.inForce);
    if (trace === null) continue;
    const { turns, ...rest } = toExplanation(trace, file.inForce, curves);
    const isTold = turns.length <= room;
    if (isTold) room -= turns.length;
    explanations.set(trace.label, { ...rest, turns: isTold ? turns : null });
  }
  return explanations;
}

/** Labels without a segment to which something happened nevertheless. */
export function toNearLabels(
  { names, inForce }: RecordedFile,
  places: readonly number[],
  {
    explanations,
    curves,
  }: { readonly explanations: ReadonlyMap<string, ReportExplanation>; readonly curves: Curves },
): ReportLabel[] {
  return places.flatMap((place): ReportLabel[] => {
    const label = names[place]!;
    const explanation = explanations.get(label);
    if (explanation === undefined || explanation.turns?.length === 0) return [];
    const scores = toBase64(curves.bytes.get(place)!);
    return [{ label, ...thresholdsOf(inForce, place), segments: [], scores, explanation }];
  });
}

function toRecorded(file: RecordedFile, place: number): RecordedLabel {
  const { names, frames, inForce, segments, blind, end } = file;
  const label = names[place]!;
  return {
    label,
    thresholds: thresholdsOf(inForce, place),
    timesMs: frames.timesMs,
    scores: frames.scoresOf(place),
    segments: segments.filter((segment) => segment.label === label),
    blind,
    end,
  };
}

function thresholdsOf({ smoothing }: SmoothingInForce, place: number): Thresholds {
  return smoothing.thresholds[place]!; // one per label
}

function toExplanation(trace: LabelTrace, { smoothing }: SmoothingInForce, curves: Curves) {
  const { turns, summary } = explainLabel(trace, smoothing);
  const frames = trace.points.filter(({ isHeld }) => !isHeld);
  return {
    summary,
    averages: toBase64(curves.toBytes(frames.map(({ average }) => average))),
    ...toStates(toStays(trace)),
    turns: turns.map((turn) => ({
      ...turn,
      score: toThousandths(turn.score),
      average: toThousandths(turn.average),
    })),
  };
}

const LETTERS = new Map([...STATES].map(([letter, phase]) => [phase, letter]));

function toStates(stays: readonly Stay[]): Pick<ReportExplanation, 'states' | 'stateSteps'> {
  const spans = stays.flatMap(({ phase, startMs, endMs }, n) => {
    const isBlindAfter = n + 1 < stays.length && stays[n + 1]!.startMs > endMs;
    return isBlindAfter
      ? [
          { phase, startMs },
          { phase: null, startMs: endMs },
        ]
      : [{ phase, startMs }];
  });
  return {
    states: spans.map(({ phase }) => LETTERS.get(phase)!).join(''),
    stateSteps: spans.map(({ startMs }, n) => startMs - (spans[n - 1]?.startMs ?? 0)),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function toThousandths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
