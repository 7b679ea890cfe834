import { readFileSync } from 'node:fs';
import { NUMBERED_PICTURES, PICTURES_PER_SECOND } from './numbered-clip.js';

/** A frame that was scored; all but `ptsMs` and `number` are UTC, ms since 1970. */
export interface ScoredLine {
  readonly streamId: string;
  readonly ptsMs: number;
  /** As read from the picture; null: it could not be read. */
  readonly number: number | null;
  readonly arrivalMs: number;
  readonly scoredMs: number;
}

/** A picture that the RTSP server sent. */
export interface SentLine {
  readonly streamId: string;
  readonly number: number;
  /** UTC, ms since 1970. */
  readonly sentMs: number;
  readonly isKey: boolean;
}

/** What `watch-frames` wrote. */
export function readScored(file: string): ScoredLine[] {
  return toLines(file).map(([streamId = '', ptsMs, number, arrivalMs, scoredMs]) => ({
    streamId,
    ptsMs: Number(ptsMs),
    number: number === 'null' ? null : Number(number),
    arrivalMs: Number(arrivalMs),
    scoredMs: Number(scoredMs),
  }));
}

/** What the RTSP server wrote, whose paths are the streams' names. */
export function readSent(file: string): SentLine[] {
  return toLines(file).map(([path = '', ptsNs, sentMs, kind]) => ({
    streamId: path.slice(1),
    number: Math.round((Number(ptsNs) * PICTURES_PER_SECOND) / 1e9) % NUMBERED_PICTURES,
    sentMs: Number(sentMs),
    isKey: kind === 'key',
  }));
}

/** When the picture of a frame was sent: the last time before it came that its number was; null: it was not. */
export class SentTimes {
  readonly #times = new Map<string, number[]>();

  constructor(sent: readonly SentLine[]) {
    for (const { streamId, number, sentMs } of sent) {
      const key = `${streamId} ${number}`;
      if (!this.#times.has(key)) this.#times.set(key, []);
      this.#times.get(key)!.push(sentMs);
    }
  }

  of({ streamId, number, arrivalMs }: ScoredLine): number | null {
    return this.#times.get(`${streamId} ${number}`)?.findLast((sentMs) => sentMs <= arrivalMs) ?? null;
  }
}

/** The value at a share of the sorted values; NaN without any. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function toLines(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1) // the last may be half a line
    .map((line) => line.split(' '));
}
