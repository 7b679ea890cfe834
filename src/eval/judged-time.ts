/** Media time, `endMs` exclusive. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A stretch of the judged time of a label, which is media time with its holes taken out, in which the label holds. */
export interface Run {
  /** Judged time. */
  readonly startMs: number;
  /** Judged time, exclusive. */
  endMs: number;
  /** Media time of its start. */
  readonly onsetMs: number;
  /** Media time at which the start was sure, not before it; null: not known. */
  readonly confirmedMs: number | null;
  /** Its start was judged, and not cut off. */
  readonly isStartJudged: boolean;
  /** At least half of what it is a piece of lies in holes. */
  isRemnant: boolean;
}

/** The spans of one label joined where they touch or overlap, in order. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of inOrder(spans)) {
    const last = joined.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else joined.push({ startMs, endMs });
  }
  return joined;
}

/**
 * The spans of one label in judged time: without `holes`, which are in order and apart, and without what lies at or after
 * `untilMs`. What touches once a hole is taken out is one run. Takes time linear in spans and holes.
 */
export function toRuns(
  spans: readonly (Span & { readonly confirmedMs?: number | null })[],
  holes: readonly Span[],
  untilMs: number,
): Run[] {
  const runs: Run[] = [];
  let hole = 0;
  let cutMs = 0; // what the holes before the current one take out
  for (const span of inOrder(spans)) {
    const { startMs } = span;
    const endMs = Math.min(span.endMs, untilMs);
    for (; hole < holes.length && holes[hole]!.endMs <= startMs; hole++) cutMs += lengthOf(holes[hole]!);
    if (hole >= holes.length || holes[hole]!.startMs >= endMs) {
      if (endMs > startMs) add(runs, toRun(span, [startMs, endMs], cutMs));
      continue;
    }
    const pieces = cut([startMs, endMs], holes, hole);
    const leftMs = pieces.reduce((sum, { piece: [fromMs, toMs] }) => sum + toMs - fromMs, 0);
    const isRemnant = 2 * leftMs <= endMs - startMs;
    for (const { piece, takenMs } of pieces) add(runs, { ...toRun(span, piece, cutMs + takenMs), isRemnant });
  }
  return runs;
}

/** How much of [0, untilMs) is judged. */
export function judgedMs(holes: readonly Span[], untilMs: number): number {
  return holes.reduce(
    (ms, hole) => ms - lengthOf({ ...hole, endMs: Math.min(hole.endMs, untilMs) }),
    untilMs,
  );
}

type Piece = readonly [fromMs: number, toMs: number];

/** What holes, from the given one on, leave of a piece, each with what they take out before it. */
function cut([startMs, endMs]: Piece, holes: readonly Span[], hole: number) {
  const pieces: { readonly piece: Piece; readonly takenMs: number }[] = [];
  let takenMs = 0;
  let fromMs = startMs;
  for (let next = hole; fromMs < endMs; next++) {
    const { startMs: stopMs, endMs: goOnMs } = holes[next] ?? { startMs: endMs, endMs };
    const toMs = Math.min(stopMs, endMs);
    if (toMs > fromMs) pieces.push({ piece: [fromMs, toMs], takenMs });
    takenMs += goOnMs - stopMs;
    fromMs = goOnMs;
  }
  return pieces;
}

function toRun(
  { startMs, confirmedMs = null }: Span & { readonly confirmedMs?: number | null },
  [fromMs, toMs]: Piece,
  cutMs: number,
): Run {
  return {
    startMs: fromMs - cutMs,
    endMs: toMs - cutMs,
    onsetMs: fromMs,
    confirmedMs: confirmedMs === null ? null : Math.max(confirmedMs, fromMs),
    isStartJudged: fromMs === startMs,
    isRemnant: false,
  };
}

function add(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last === undefined || run.startMs > last.endMs) {
    runs.push(run);
    return;
  }
  last.endMs = Math.max(last.endMs, run.endMs);
  last.isRemnant &&= run.isRemnant;
}

function lengthOf({ startMs, endMs }: Span): number {
  return Math.max(0, endMs - startMs);
}

function inOrder<T extends Span>(spans: readonly T[]): readonly T[] {
  for (let n = 1; n < spans.length; n++)
    if (spans[n]!.startMs < spans[n - 1]!.startMs) return [...spans].sort((a, b) => a.startMs - b.startMs);
  return spans;
}
