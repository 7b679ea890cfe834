/** What a journal remembers of the time: kept in it, so that it outlives a restart. */
export interface RetentionClock {
  /** What the time is, as far as it can be believed, milliseconds since 1970. */
  readonly trustedMs: number;
  /** For how long, while running, the clock has said something else. */
  readonly doubtedForMs: number;
}

/** A clock is set by some seconds now and then; by more it jumps. */
const TOLERANCE_MS = 3_600_000;
/** A clock that goes on after a jump for so long is right, and so is one that was off for a while. */
const BELIEVED_AFTER_MS = 24 * 3_600_000;

/**
 * The time after `elapsedMs` of running. A clock that jumps, or stood still while the machine was off, is doubted until it
 * has gone on for a day of running: a wrong one would make everything old at once. `wallMs`: what it says.
 */
export function advanceClock(
  held: RetentionClock,
  { wallMs, elapsedMs }: { readonly wallMs: number; readonly elapsedMs: number },
): RetentionClock {
  const expectedMs = held.trustedMs + elapsedMs;
  if (Math.abs(wallMs - expectedMs) <= TOLERANCE_MS) return { trustedMs: wallMs, doubtedForMs: 0 };
  const doubtedForMs = held.doubtedForMs + elapsedMs;
  if (doubtedForMs >= BELIEVED_AFTER_MS) return { trustedMs: wallMs, doubtedForMs: 0 };
  return { trustedMs: expectedMs, doubtedForMs };
}

/** The time by which things are old: the earlier of what is believed and what the clock says. */
export function toRetentionTime({ trustedMs }: RetentionClock, wallMs: number): number {
  return Math.min(trustedMs, wallMs);
}
