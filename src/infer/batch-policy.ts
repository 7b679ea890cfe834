/** Why a batch was closed: full, its oldest frame waited long enough, or nothing more can come. */
export type ClosedBy = 'size' | 'delay' | 'end';

/** Frames that could go into a batch now, and when the oldest of them came. */
export interface Waiting {
  readonly frames: number;
  readonly oldestMs: number;
}

export interface QueueView {
  readonly live: Waiting;
  readonly files: Waiting;
  /** Whether some stream could still add a frame before another one is scored. */
  readonly canGrow: boolean;
}

export interface BatchLimits {
  /** Of a batch without a file's frame. */
  readonly maxBatch: number;
  /** Of a batch with one. */
  readonly fileBatch: number;
  readonly maxDelayMs: number;
}

/** A batch to form now, live frames first, or how long to wait when nothing comes; null: nothing to do. */
export type BatchDecision =
  | { readonly closedBy: ClosedBy; readonly live: number; readonly files: number }
  | { readonly waitMs: number }
  | null;

/** Decides what to do with a tagger lane that is free; pure. */
export function decideBatch(view: QueueView, limits: BatchLimits, nowMs: number): BatchDecision {
  const { live, files } = view;
  if (live.frames + files.frames === 0) return null;
  const dueMs = Math.min(dueAt(live), dueAt(files)) + limits.maxDelayMs;
  const closedBy = reasonToClose(view, limits, dueMs <= nowMs);
  if (closedBy === null) return { waitMs: dueMs - nowMs };
  if (files.frames === 0 || live.frames >= limits.fileBatch) {
    return { closedBy, live: Math.min(live.frames, limits.maxBatch), files: 0 };
  }
  return { closedBy, live: live.frames, files: Math.min(files.frames, limits.fileBatch - live.frames) };
}

function reasonToClose(
  { live, files, canGrow }: QueueView,
  limits: BatchLimits,
  isDue: boolean,
): ClosedBy | null {
  const isFull =
    live.frames >= limits.maxBatch || (files.frames > 0 && live.frames + files.frames >= limits.fileBatch);
  if (isFull) return 'size';
  if (isDue) return 'delay';
  return canGrow ? null : 'end';
}

function dueAt(waiting: Waiting): number {
  return waiting.frames === 0 ? Number.POSITIVE_INFINITY : waiting.oldestMs;
}
