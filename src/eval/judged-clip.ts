import { joinSpans, judgedMs, type Run, type Span, toRuns } from './judged-time.js';
import type { LabelSpan, Truth } from './truth.js';

/** One label of a clip, as it should be. */
export interface JudgedLabel {
  readonly name: string;
  /** Media time at which it is not judged, in order and apart. */
  readonly holes: readonly Span[];
  /** Media time in which it holds, in order and apart. */
  readonly spans: readonly Span[];
  /** The same in judged time. */
  readonly runs: readonly Run[];
  /** How much of the clip is judged. */
  readonly judgedMs: number;
}

/** A clip with its truth made ready to be compared with, any number of times. */
export interface JudgedClip {
  readonly durationMs: number;
  readonly labels: readonly JudgedLabel[];
}

/**
 * Makes the truth of a clip ready: `labels` are the other side's, of which those that the truth judges count; `durationMs`
 * is the clip's, up to which the truth goes when it does not end before.
 */
export function toJudgedClip(
  truth: Truth,
  { labels, durationMs: clipMs }: { readonly labels: readonly string[]; readonly durationMs: number },
): JudgedClip {
  const durationMs = Math.min(truth.durationMs ?? clipMs, clipMs);
  const judged = truth.labels === null ? labels : labels.filter((label) => truth.labels!.includes(label));
  const segments = byLabel(truth.segments);
  const optional = byLabel(truth.optional);
  return {
    durationMs,
    labels: judged.map((name) => {
      const holes = joinSpans(optional.get(name) ?? []);
      const spans = joinSpans(segments.get(name) ?? []);
      return {
        name,
        holes,
        spans,
        runs: toRuns(spans, holes, durationMs),
        judgedMs: judgedMs(holes, durationMs),
      };
    }),
  };
}

/** Spans by their label, in the order given. */
export function byLabel<T extends LabelSpan>(spans: readonly T[]): Map<string, T[]> {
  const lists = new Map<string, T[]>();
  for (const span of spans) {
    const list = lists.get(span.label);
    if (list === undefined) lists.set(span.label, [span]);
    else list.push(span);
  }
  return lists;
}
