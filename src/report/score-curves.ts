import type { ScoreBlock } from '../types.js';

/** All frames of a stream whose scores were kept, in media order. */
export interface KeptFrames {
  readonly timesMs: readonly number[];
  /** Raw scores of a label, by its place in the model, one per frame; what was too low to be kept is 0. */
  readonly scoresOf: (label: number) => Float32Array;
}

/** Values of some labels at the same times, a byte each: 255 is 1. */
export interface Curves {
  readonly timesMs: readonly number[];
  /** Raw scores, by the label's place in the model. */
  readonly bytes: ReadonlyMap<number, Uint8Array>;
  /** How many neighbouring frames are drawn as one, at most. */
  readonly framesPerPoint: number;
  /** Another value of each frame, as bytes at the same times. */
  readonly toBytes: (values: ArrayLike<number>) => Uint8Array;
}

/** What a report takes for the curves of a stream, and for each hour of it when it is longer. */
const BYTES_PER_HOUR = 600_000;
const MOST_BYTES = 4_000_000;
/** Text of a step, as JSON. */
const STEP_BYTES = 4;
const HOUR_MS = 3_600_000;
/** Frames further apart are never drawn as one. */
const HOLE_MS = 3000;

/** The frames after `afterMs`. */
export function readFrames(blocks: readonly ScoreBlock[], afterMs = Number.NEGATIVE_INFINITY): KeptFrames {
  const kept = blocks.map((block) => ({
    ...block,
    from: block.timesMs.filter((ms) => ms <= afterMs).length,
  }));
  const timesMs = kept.flatMap((block) => block.timesMs.slice(block.from));
  const scoresOf = (label: number) => {
    const scores = new Float32Array(timesMs.length);
    let at = 0;
    for (const { curves, timesMs: own, from } of kept) {
      scores.set(curves.get(label)?.subarray(from) ?? [], at);
      at += own.length - from;
    }
    return scores.map((score) => (Number.isNaN(score) ? 0 : score));
  };
  return { timesMs, scoresOf };
}

/**
 * The curves of `labels`; `bytesPerLabel`: that each of their frames will take. Where they would take too much room, neighbouring
 * frames are drawn as one: its time is that of the first, its value the highest of theirs.
 */
export function toCurves(
  { timesMs, scoresOf }: KeptFrames,
  labels: readonly number[],
  bytesPerLabel = 1,
): Curves {
  const framesPerPoint = toGroupSize(timesMs, labels.length * bytesPerLabel);
  const groups = toGroups(timesMs, framesPerPoint);
  const toBytes = (values: ArrayLike<number>) =>
    Uint8Array.from(groups, ([from, to]) => {
      let highest = 0;
      for (let n = from; n < to; n++) highest = Math.max(highest, values[n]!);
      return toByte(highest);
    });
  return {
    timesMs: groups.map(([from]) => timesMs[from]!),
    bytes: new Map(labels.map((label) => [label, toBytes(scoresOf(label))])),
    framesPerPoint,
    toBytes,
  };
}

/** How many frames are drawn as one. */
function toGroupSize(timesMs: readonly number[], bytesPerFrame: number): number {
  const hours = (timesMs.at(-1) ?? 0) / HOUR_MS;
  const room = Math.min(MOST_BYTES, BYTES_PER_HOUR * Math.max(1, hours));
  return Math.max(1, Math.ceil((timesMs.length * (bytesPerFrame + STEP_BYTES)) / room));
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

function toByte(value: number): number {
  return Math.round(Math.min(1, value) * 255);
}
