import type { ScoreBlock, Scores } from '../types.js';

/** A label that stays below this in a minute has no curve in it. */
export const KEPT_FROM = 0.05;
const MINUTE_MS = 60_000;

/** A minute being gathered: what each frame scored, and which labels are worth keeping. */
interface Minute {
  readonly minute: number;
  readonly timesMs: number[];
  readonly rows: Scores[];
  readonly isKept: Uint8Array;
}

/**
 * Gathers one stream's raw scores into a block a minute. `resume`: the stored block of the minute in which the
 * checkpoint lies, to be continued; labels it did not keep are NaN up to there.
 */
export class ScoreCurves {
  readonly #labelCount: number;
  readonly #full: Minute[] = [];
  #current: Minute | null = null;
  #changed = false;

  constructor(labelCount: number, resume: ScoreBlock | null) {
    this.#labelCount = labelCount;
    if (resume !== null) this.#current = toMinute(resume, labelCount);
  }

  /** Takes a copy of the scores of the frame at `ptsMs`; frames come in media order. */
  add(ptsMs: number, scores: Scores): void {
    const minute = Math.floor(ptsMs / MINUTE_MS);
    if (this.#current?.minute !== minute) this.#turn(minute);
    const { timesMs, rows, isKept } = this.#current!; // #turn has set it
    timesMs.push(ptsMs);
    rows.push(scores.slice());
    for (let label = 0; label < this.#labelCount; label++) if (scores[label]! >= KEPT_FROM) isKept[label] = 1;
    this.#changed = true;
  }

  /** The minutes that changed since the last call, the one in progress included, to replace those stored. */
  take(): ScoreBlock[] {
    if (this.#changed && this.#current !== null) this.#full.push(this.#current);
    this.#changed = false;
    return this.takeFull();
  }

  /** The minutes that are over and changed since they were taken last. */
  takeFull(): ScoreBlock[] {
    return this.#full.splice(0).map(toBlock);
  }

  #turn(minute: number): void {
    if (this.#changed && this.#current !== null) this.#full.push(this.#current);
    this.#current = { minute, timesMs: [], rows: [], isKept: new Uint8Array(this.#labelCount) };
  }
}

function toBlock({ minute, timesMs, rows, isKept }: Minute): ScoreBlock {
  const curves = new Map<number, Float32Array>();
  for (const [label, kept] of isKept.entries())
    if (kept === 1)
      curves.set(
        label,
        Float32Array.from(rows, (row) => row[label]!),
      );
  return { minute, timesMs: [...timesMs], curves };
}

function toMinute({ minute, timesMs, curves }: ScoreBlock, labelCount: number): Minute {
  const rows = timesMs.map(() => new Float32Array(labelCount).fill(Number.NaN));
  const isKept = new Uint8Array(labelCount);
  for (const [label, curve] of curves) {
    isKept[label] = 1;
    for (const [frame, row] of rows.entries()) row[label] = curve[frame]!;
  }
  return { minute, timesMs: [...timesMs], rows, isKept };
}
