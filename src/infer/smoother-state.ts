import { InferError } from '../errors.js';
import type { SmootherState } from '../types.js';

/** Where a label that is not off stands; `closeMs` counts while it is closing. */
export interface StoredLabel {
  readonly label: number;
  readonly phase: number;
  readonly startMs: number;
  readonly closeMs: number;
  readonly peak: number;
  readonly sum: number;
  readonly observed: number;
}

/** A smoother as plain JSON; `lastMs` null: the next observation starts the average. */
export interface StoredSmoother {
  readonly lastMs: number | null;
  readonly smoothed: readonly number[];
  readonly active: readonly StoredLabel[];
}

/**
 * A track as plain JSON; `shown`: the raw scores of a file's last frame, empty for a live stream; `blind`: where a file
 * hid its pictures, missing when it did not; `intervals`: between its last key frames, missing unless only they are scored.
 */
export interface StoredTrack {
  readonly version: 1;
  readonly shown: readonly number[];
  readonly smoother: StoredSmoother;
  readonly blind?: readonly BlindSpan[];
  /** Milliseconds of media. */
  readonly intervals?: readonly number[];
}

/** Milliseconds of media: the last frame before damage, and the first one after it. */
export type BlindSpan = readonly [fromMs: number, toMs: number];

/** Checks that a checkpoint's state was written by a track of `labelCount` labels. Throws InferError when not. */
export function readStoredTrack(state: SmootherState, labelCount: number): StoredTrack {
  if (!isStoredTrack(state, labelCount)) {
    throw new InferError(`the checkpoint's smoother state is not one of ${labelCount} labels, version 1`, {
      remedy: 'start the source anew with --fresh',
    });
  }
  return state;
}

function isStoredTrack(state: unknown, labelCount: number): state is StoredTrack {
  if (!isRecord(state) || state['version'] !== 1 || !isRecord(state['smoother'])) return false;
  const { lastMs, smoothed, active } = state['smoother'];
  return (
    (areNumbers(state['shown'], labelCount) || areNumbers(state['shown'], 0)) &&
    areNumbers(smoothed, labelCount) &&
    (lastMs === null || Number.isSafeInteger(lastMs)) &&
    (state['blind'] === undefined || areSpans(state['blind'])) &&
    (state['intervals'] === undefined || areNumbers(state['intervals'])) &&
    Array.isArray(active) &&
    active.every((entry) => isStoredLabel(entry, labelCount))
  );
}

function isStoredLabel(entry: unknown, labelCount: number): boolean {
  if (!isRecord(entry)) return false;
  const { label, phase, startMs, closeMs, peak, sum, observed } = entry;
  return (
    areNumbers([label, phase, startMs, closeMs, peak, sum, observed], 7) &&
    Number(label) >= 0 &&
    Number(label) < labelCount
  );
}

function areSpans(values: unknown): boolean {
  return Array.isArray(values) && values.every((span) => areNumbers(span, 2));
}

function areNumbers(values: unknown, length?: number): boolean {
  if (!Array.isArray(values) || (length !== undefined && values.length !== length)) return false;
  return values.every((value) => Number.isFinite(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
