import type { ScoreBlock } from '../types.js';

/** Raw scores of some labels at the same times, a byte each: 255 is 1. */
export interface Curves {
  readonly timesMs: readonly number[];
  /** By the label's place in the model. */
  readonly bytes: ReadonlyMap<number, Uint8Array>;
}

/** What a report takes for the curves of a stream, and for each hour of it when it is longer. */
const BYTES_PER_HOUR = 400_000;
const MOST_BYTES = 4_000_000;
/** Text of a step, as JSON. */
const STEP_BYTES = 4;
const HOUR_MS = 3_600_000;
/** Frames further apart are never drawn as one. */
const HOLE_MS = 3000;

/**
 * The curves of `labels` after `afterMs`; what a block did not keep is 0. Where they would take too much room,
 * neighbouring frames are drawn as one: its time is that of the first, its score the highest of them.
 */
export function toCurves(
  blocks: readonly ScoreBlock[],
  labels: readonly number[],
  afterMs = Number.NEGATIVE_INFINITY,
): Curves {
  const frames = blocks.flatMap((block) =>
    block.timesMs.map((timeMs, at) => ({ timeMs, at, block })).filter(({ timeMs }) => timeMs > afterMs),
  );
  const timesMs = frames.map(({ timeMs }) => timeMs);
  const groups = toGroups(timesMs, toGroupSize(timesMs, labels.length));
  const bytes = labels.map((label): [number, Uint8Array] => {
    const scores = frames.map(({ block, at }) => block.curves.get(label)?.[at] ?? 0);
    return [
      label,
      Uint8Array.from(groups, ([from, to]) => toByte(Math.max(...scores.slice(from, to).map(orZero)))),
    ];
  });
  return { timesMs: groups.map(([from]) => timesMs[from]!), bytes: new Map(bytes) };
}

/** How many frames are drawn as one. */
function toGroupSize(timesMs: readonly number[], labelCount: number): number {
  const hours = (timesMs.at(-1) ?? 0) / HOUR_MS;
  const room = Math.min(MOST_BYTES, BYTES_PER_HOUR * Math.max(1, hours));
  return Math.max(1, Math.ceil((timesMs.length * (labelCount + STEP_BYTES)) / room));
}

function toGroups(timesMs: readonly number[], size: number): [from: number, to: number][] {
  const groups: [number, number][] = [];
  for (let from = 0, n = 1; n <= timesMs.length; n++) {
    const isHole = n < timesMs.length && timesMs[n]! - timesMs[n - 1]! > HOLE_MS;
    if (n < timesMs.length && n - from < size && !isHole) continue;
    groups.push([from, n]);
    from = n;
  }
  return groups;
}

/** NaN: too low to be kept. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

function toByte(score: number): number {
  return Math.round(Math.min(1, Math.max(0, score)) * 255);
}
