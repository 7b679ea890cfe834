import { toLengthText } from '../report/time-text.js';
import { cutTrace, type LabelTrace } from './label-trace.js';
import { toMomentText, toScoreText } from './number-text.js';
import type { SmoothingTimes, Turn } from './turn.js';
import { toTurns } from './turns.js';

/** Why segments of labels of a clip began, or did not. */
export interface Explanation {
  /** As people know it: a path or a URL without credentials. */
  readonly clip: string;
  /** Name and version. */
  readonly model: string;
  readonly fps: number;
  readonly times: SmoothingTimes;
  readonly labels: readonly ExplainedLabel[];
}

export interface ExplainedLabel {
  readonly trace: LabelTrace;
  /** By time. */
  readonly turns: readonly Turn[];
  /** Of the whole clip. */
  readonly summary: string;
}

/** The part of the clip that is shown, in milliseconds of media; undefined: from its beginning, to its end. */
export interface ShownTime {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** All of it decides what is said; what is shown may be a part. */
export function explainLabel(
  trace: LabelTrace,
  times: SmoothingTimes,
  { fromMs = 0, toMs = trace.endMs }: ShownTime = {},
): ExplainedLabel {
  const turns = toTurns(trace, times);
  const endMs = Math.min(toMs, trace.endMs);
  return {
    trace: cutTrace(trace, fromMs, endMs),
    turns: turns.filter(({ atMs }) => atMs >= fromMs && atMs <= endMs),
    summary: toSummary(trace, turns, times),
  };
}

/** The settings of smoothing in a sentence. */
export function toSettingsText({ fps, times, model }: Explanation): string {
  const { halfLifeMs, minOnMs, minOffMs } = times;
  return `${model}, ${fps} frames/s, halfLifeMs ${halfLifeMs}, minOnMs ${minOnMs}, minOffMs ${minOffMs}`;
}

function toSummary(trace: LabelTrace, turns: readonly Turn[], { minOnMs }: SmoothingTimes): string {
  const { segments, endMs } = trace;
  if (segments.length === 0) return `no segment: ${toWhyNone(trace, turns, minOnMs)}`;
  const lengthMs = segments.reduce((sum, one) => sum + (one.endMs ?? endMs) - one.startMs, 0);
  return [
    ...toCounted(segments.length, 'segment', 'segments'),
    `${toLengthText(lengthMs)} in all`,
    ...toCounted(countOf(turns, 'dropped'), 'start too short, dropped', 'starts too short, dropped'),
    ...toCounted(countOf(turns, 'missed'), 'time near enter', 'times near enter'),
  ].join(', ');
}

function toWhyNone({ points, thresholds }: LabelTrace, turns: readonly Turn[], minOnMs: number): string {
  const [first] = points;
  if (first === undefined) return 'no frame was scored';
  const { enter } = thresholds;
  const { atMs, average } = points.reduce((most, one) => (one.average > most.average ? one : most), first);
  const highest = `highest ${toScoreText(average, enter)} at ${toMomentText(atMs)}`;
  if (average >= enter) {
    const times = toCounted(countOf(turns, 'reached'), 'time', 'times').join('');
    return `the average reached enter, ${toScoreText(enter)}, ${times} (${highest}), never for minOnMs, ${minOnMs}`;
  }
  const loudest = points.reduce((most, { score }) => Math.max(most, score), 0);
  const limit = toScoreText(enter, average);
  return `the average never reached enter, ${limit}; ${highest}, and of a score ${toScoreText(loudest, enter)}`;
}

function countOf(turns: readonly Turn[], wanted: Turn['kind']): number {
  return turns.filter(({ kind }) => kind === wanted).length;
}

function toCounted(count: number, one: string, many: string): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? one : many}`];
}
