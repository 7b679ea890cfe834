import type { LabelPhase } from '../infer/smoother.js';
import { toLengthText } from '../report/time-text.js';
import type { LabelTrace, TracePoint } from './label-trace.js';
import { toNearMisses } from './near-misses.js';
import { toMomentText, toScoreText } from './number-text.js';
import type { SmoothingTimes, Turn, TurnKind } from './turn.js';

/** All that happened to a label, by time. */
export function toTurns(trace: LabelTrace, times: SmoothingTimes): Turn[] {
  const changes = toChanges(trace);
  const turns = changes.map((change, n) => toTurn(change, { changes, n, trace, times }));
  return [...turns.flat(), ...toNearMisses(trace, times)].sort((a, b) => a.atMs - b.atMs);
}

/** A change of phase, and what brought it. */
interface Change {
  readonly atMs: number;
  readonly from: LabelPhase;
  readonly to: LabelPhase;
  readonly by: 'average' | 'blindness' | 'end';
  /** Null: nothing was observed then. */
  readonly point: TracePoint | null;
}

function toChanges({ points, blind, endMs }: LabelTrace): Change[] {
  const changes: Change[] = [];
  let phase: LabelPhase = 'off';
  let gap = 0;
  for (const point of points) {
    for (; gap < blind.length && blind[gap]!.endMs <= point.atMs; gap++) {
      const change = {
        atMs: blind[gap]!.startMs,
        from: phase,
        to: 'off',
        by: 'blindness',
        point: null,
      } as const;
      if (phase !== 'off') changes.push(change);
      phase = 'off';
    }
    if (point.phase !== phase)
      changes.push({ atMs: point.atMs, from: phase, to: point.phase, by: 'average', point });
    phase = point.phase;
  }
  if (phase !== 'off') changes.push({ atMs: endMs, from: phase, to: 'off', by: 'end', point: null });
  return changes;
}

interface Context {
  readonly changes: readonly Change[];
  readonly n: number;
  readonly trace: LabelTrace;
  readonly times: SmoothingTimes;
}

/** From `off` to `on`, and from `on` to `off`, two things happen at once. */
function toTurn(change: Change, context: Context): Turn[] {
  const { from, to, by } = change;
  if (by !== 'average') return toCutTurns(change, context);
  if (from === 'off') return to === 'on' ? toStartTurns(change, context) : [toReached(change, context)];
  if (from === 'pending') return [to === 'on' ? toBegan(change, context) : toDropped(change, context)];
  if (from === 'on') return to === 'off' ? toEndTurns(change, context) : [toFell(change, context)];
  return [to === 'on' ? toRecovered(change, context) : toEnded(change, context)];
}

function toStartTurns(change: Change, context: Context): Turn[] {
  return [toReached(change, context), toBegan(change, context)];
}

function toEndTurns(change: Change, context: Context): Turn[] {
  return [toFell(change, context), toEnded(change, context)];
}

function toReached(change: Change, { trace, changes, n, times }: Context): Turn {
  const { enter } = trace.thresholds;
  const lateMs = change.atMs - toSeenMs(trace, change.atMs);
  const late = `, ${toLengthText(lateMs)} after the scores; halfLifeMs is ${times.halfLifeMs}`;
  const isKept = change.to === 'on' || isStart(changes[n + 1], trace, change.atMs);
  return {
    ...toBase(change, 'reached'),
    what: 'reached enter',
    why: `the average reached enter, ${toScoreText(enter)}${lateMs > 0 ? late : ''}`,
    note: isKept ? `reached enter at ${toMomentText(change.atMs)}` : null,
  };
}

/** Since when the scores of its frames had been at enter, when the average came there too. */
function toSeenMs({ points, thresholds }: LabelTrace, atMs: number): number {
  let first = findPoint(points, atMs);
  while (first > 0 && points[first - 1]!.phase === 'off' && points[first - 1]!.score >= thresholds.enter)
    first--;
  return points[first]?.atMs ?? atMs;
}

/** The place of the first point that is not before `atMs`. */
function findPoint(points: readonly TracePoint[], atMs: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.atMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a pending label becomes a segment with its next change. */
function isStart(next: Change | undefined, { segments }: LabelTrace, startMs: number): boolean {
  if (next?.to === 'on') return true;
  return next?.by === 'end' && segments.some((segment) => segment.startMs === startMs);
}

function toBegan(change: Change, { changes, n, times }: Context): Turn {
  const startMs = change.from === 'off' ? change.atMs : changes[n - 1]!.atMs; // it was pending
  return {
    ...toBase(change, 'began'),
    what: `began, from ${toMomentText(startMs)} on`,
    why: `not below exit for ${toLengthText(change.atMs - startMs)}; minOnMs is ${times.minOnMs}`,
    note: null,
  };
}

function toDropped(change: Change, { changes, n, trace, times }: Context): Turn {
  const lastedMs = change.atMs - changes[n - 1]!.atMs; // it was pending
  const { exit } = trace.thresholds;
  return {
    ...toBase(change, 'dropped'),
    what: `dropped after ${toLengthText(lastedMs)}`,
    why: `below exit, ${toScoreText(exit)}, before it was sure; minOnMs is ${times.minOnMs}`,
    note: `pending ${toLengthText(lastedMs)}: too short, dropped`,
  };
}

function toFell(change: Change, { changes, n, trace }: Context): Turn {
  const { exit } = trace.thresholds;
  return {
    ...toBase(change, 'fell'),
    what: 'fell below exit',
    why: `the average is below exit, ${toScoreText(exit)}`,
    note: toFallNote(change, changes[n + 1]),
  };
}

function toFallNote({ atMs, to }: Change, next: Change | undefined): string {
  const fell = `below exit at ${toMomentText(atMs)}`;
  if (to === 'off' || next === undefined) return `${fell}, ended`;
  const afterMs = toLengthText(next.atMs - atMs);
  if (next.to === 'on') return `${fell} for ${afterMs}: went on`;
  return next.by === 'average' ? `${fell}, ended ${afterMs} later` : `${fell}, ended`;
}

function toRecovered(change: Change, { changes, n, trace, times }: Context): Turn {
  const lowMs = change.atMs - changes[n - 1]!.atMs; // it was closing
  const { exit } = trace.thresholds;
  return {
    ...toBase(change, 'recovered'),
    what: 'went on',
    why: `back at exit, ${toScoreText(exit)}, after ${toLengthText(lowMs)}; minOffMs is ${times.minOffMs}`,
    note: null,
  };
}

function toEnded(change: Change, { changes, n, times }: Context): Turn {
  const endMs = change.from === 'on' ? change.atMs : changes[n - 1]!.atMs; // it was closing
  return {
    ...toBase(change, 'ended'),
    what: `ended, at ${toMomentText(endMs)}`,
    why: `below exit for ${toLengthText(change.atMs - endMs)}; minOffMs is ${times.minOffMs}`,
    note: null,
  };
}

/** Why nothing more was seen, in a table and in a picture. */
const CUTS = {
  over: { why: 'the clip is over', dropped: 'clip over', ended: 'clip over' },
  unreadable: {
    why: 'nothing could be seen from here on',
    dropped: 'then blind',
    ended: 'nothing to be seen',
  },
  'broken-off': { why: 'the run broke off here', dropped: 'run broke off', ended: 'run broke off' },
} as const;

/** Nothing more was seen of what was open or pending. */
function toCutTurns(change: Change, { changes, n, trace, times }: Context): Turn[] {
  const { from, by, atMs } = change;
  const sinceMs = changes[n - 1]!.atMs; // it is not off
  const segment = trace.segments.findLast(({ startMs }) => startMs <= atMs);
  const cut = CUTS[by === 'blindness' ? 'unreadable' : trace.end];
  const { why } = cut;
  if (from === 'pending' && !isStart(change, trace, sinceMs)) {
    const lasted = toLengthText(atMs - sinceMs);
    return [
      {
        ...toBase(change, 'dropped'),
        what: `dropped after ${lasted}`,
        why: `${why}, before it was sure; minOnMs is ${times.minOnMs}`,
        note: `pending ${lasted}, ${cut.dropped}: dropped`,
      },
    ];
  }
  const ended: Turn = {
    ...toBase(change, 'ended'),
    what: `ended, at ${toMomentText(segment?.endMs ?? atMs)}`,
    why: from === 'closing' ? `${why}, and it was below exit already` : why,
    note: from === 'closing' ? null : `${cut.ended}: ended`,
  };
  if (from !== 'pending') return [ended];
  const began = {
    ...toBase(change, 'began'),
    what: `began, from ${toMomentText(sinceMs)} on`,
    why: `${why}, and it had lasted as long as it could`,
    note: null,
  };
  return [began, ended];
}

function toBase({ atMs, point }: Change, kind: TurnKind) {
  return { atMs, kind, score: point?.score ?? null, average: point?.average ?? null };
}
