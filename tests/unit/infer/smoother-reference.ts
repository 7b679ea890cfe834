import type { ScoredFrame, Smoothing, SourceEnd, Transition } from '../../../src/types.js';

/** What the reference smooths: a whole file at once. */
export interface Recording {
  readonly fps: number;
  readonly smoothing: Smoothing;
  readonly frames: readonly ScoredFrame[];
  readonly end: SourceEnd;
}

interface Sighting {
  readonly atMs: number;
  readonly scores: readonly number[];
}
interface Point {
  readonly atMs: number;
  readonly raw: number;
  readonly s: number;
}
/** Sightings between two gaps, and what follows them. */
interface Run {
  readonly sightings: readonly Sighting[];
  readonly after: { readonly kind: 'gap' | 'end'; readonly atMs: number };
}
interface Found {
  readonly run: number;
  /** Index of the point that made it sure; one past the last for the run's end. */
  readonly at: number;
  readonly rank: number;
  readonly transition: Transition;
}

/**
 * The transitions of a file, straight from the contract's text: slow, immutable, one label after the other, looking
 * ahead over the whole list instead of keeping a state.
 */
export function referenceTransitions(recording: Recording): Transition[] {
  const runs = toRuns(recording);
  const labels = recording.smoothing.thresholds.map((_, label) => label);
  const found = labels.flatMap((label) =>
    runs.flatMap((run, index) => transitionsOfRun(run, index, label, recording.smoothing)),
  );
  const inOrder = found.toSorted(
    (a, b) => a.run - b.run || a.at - b.at || a.rank - b.rank || a.transition.label - b.transition.label,
  );
  return inOrder.map(({ transition }) => transition);
}

/** T = min(duration, last frame + interval); a duration not after the last frame is none. */
export function referenceDurationMs({ fps, frames, end }: Recording): number {
  const last = frames.at(-1);
  if (last === undefined) return end.durationMs ?? 0;
  const stated = end.durationMs !== null && end.durationMs > last.ptsMs ? [end.durationMs] : [];
  return Math.min(last.ptsMs + Math.round(1000 / fps), ...stated);
}

function toRuns(recording: Recording): Run[] {
  const { fps, smoothing, frames, end } = recording;
  const tolerated = Math.max(smoothing.gapToleranceMs, 3 * (1000 / fps));
  const isGap = (index: number): boolean =>
    frames[index]!.damaged && index > 0 && frames[index]!.ptsMs - frames[index - 1]!.ptsMs > tolerated;
  const starts = frames.map((_, index) => index).filter((index) => index === 0 || isGap(index));
  return starts.map((from, nth) => {
    const to = starts[nth + 1] ?? frames.length;
    const part = frames.slice(from, to);
    const after =
      to < frames.length
        ? ({ kind: 'gap', atMs: frames[to]!.ptsMs } as const)
        : ({ kind: end.cause === 'corrupt' ? 'gap' : 'end', atMs: referenceDurationMs(recording) } as const);
    return { sightings: part.flatMap((frame, n) => sightingsOf(frame, part[n + 1], fps)), after };
  });
}

/** A frame and, until half an interval before the next one, the same scores again each 1/fps. */
function sightingsOf(frame: ScoredFrame, next: ScoredFrame | undefined, fps: number): Sighting[] {
  const untilMs = next?.ptsMs ?? frame.ptsMs;
  const most = Math.max(0, Math.ceil(((untilMs - frame.ptsMs) * fps) / 1000)) + 1;
  const held = Array.from({ length: most }, (_, n) => frame.ptsMs + Math.round(((n + 1) * 1000) / fps));
  const times = [frame.ptsMs, ...held.filter((atMs) => atMs + 500 / fps <= untilMs)];
  return times.map((atMs) => ({ atMs, scores: [...frame.scores] }));
}

function toPoints(sightings: readonly Sighting[], label: number, halfLifeMs: number): Point[] {
  return sightings.reduce<Point[]>((points, { atMs, scores }) => {
    const raw = scores[label]!;
    const last = points.at(-1);
    if (last === undefined) return [{ atMs, raw, s: raw }];
    const elapsedMs = atMs - last.atMs;
    const share = elapsedMs === 0 ? 0 : 1 - 2 ** (-elapsedMs / halfLifeMs);
    return [...points, { atMs, raw, s: last.s + share * (raw - last.s) }];
  }, []);
}

function transitionsOfRun(run: Run, index: number, label: number, smoothing: Smoothing): Found[] {
  const points = toPoints(run.sightings, label, smoothing.halfLifeMs);
  const { minOnMs, minOffMs } = smoothing;
  const { enter, exit } = smoothing.thresholds[label]!;
  const first = (from: number, holds: (point: Point) => boolean): number => {
    const at = points.findIndex((point, n) => n >= from && holds(point));
    return at < 0 ? points.length : at;
  };
  const found: Found[] = [];
  for (let from = 0; ; ) {
    const open = first(from, ({ s }) => s >= enter);
    if (open === points.length) return found;
    const t1 = points[open]!.atMs;
    const add = (
      at: number,
      rank: number,
      phase: 'started' | 'ended',
      reason: Transition['reason'],
      endMs: number | null,
    ): void => {
      const shown = points.slice(open, at + 1);
      const raw = shown.map((point) => point.raw);
      const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
      const score = { current: shown.at(-1)!.s, peak: Math.max(...raw), mean };
      const confirmedMs = points[at]?.atMs ?? run.after.atMs;
      const frames = { observed: raw.length, expected: raw.length };
      const atMs = endMs ?? t1;
      found.push({
        run: index,
        at,
        rank,
        transition: { phase, reason, label, startMs: t1, endMs, atMs, confirmedMs, score, frames },
      });
    };
    const sure = first(open, ({ atMs, s }) => s < exit || atMs - t1 >= minOnMs);
    if (sure === points.length) {
      const T = run.after.atMs;
      if (run.after.kind === 'end' && T - t1 >= Math.min(minOnMs, T)) {
        add(sure, 2, 'started', 'threshold', null);
        add(sure, 3, 'ended', 'end-of-stream', T);
      }
      return found;
    }
    from = sure + 1;
    if (points[sure]!.s < exit) continue;
    add(sure, 2, 'started', 'threshold', null);
    for (let on = sure; ; ) {
      const low = first(on + 1, ({ s }) => s < exit);
      const t2 = points[low]?.atMs;
      const turn = first(low, ({ atMs, s }) => s >= exit || atMs - t2! >= minOffMs);
      if (turn === points.length) {
        const lastMs = points.at(-1)!.atMs;
        const onEndsMs = run.after.kind === 'end' ? run.after.atMs : lastMs > t1 ? lastMs : t1 + 1;
        add(turn, 0, 'ended', run.after.kind === 'end' ? 'end-of-stream' : 'gap', t2 ?? onEndsMs);
        return found;
      }
      on = turn;
      if (points[turn]!.s >= exit) continue;
      add(turn, 0, 'ended', 'threshold', t2!);
      from = turn + 1;
      break;
    }
  }
}
