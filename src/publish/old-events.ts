import type { PreparedStatements } from './prepared-statements.js';
import type { RetentionRule } from './retention-rule.js';

/** How far events are old and delivered. */
export interface OldEvents {
  /** Position of the last one; null: none is. */
  readonly last: number | null;
  /** All positions have been looked at that there are. */
  readonly isWhole: boolean;
}

/** Positions looked at in a step. */
const SPAN = 5000;

/**
 * Finds how far events are old, by their order: an event is no older than those before it, so that a clock that stood in the
 * past makes none old, and no younger than those after it, so that one that stood in the future keeps none for ever. What was
 * looked at once is not looked at again, unless it was of a time that was still to come and has come since.
 */
export class OldEventsFinder {
  readonly #sql: PreparedStatements;
  /** Those before are old or of a future time. */
  #from = 1;
  #lastOld: number | null = null;
  /** The earliest time of events that were passed over as of a future time: when it has come, all are looked at again. */
  #futureMs = Number.POSITIVE_INFINITY;

  constructor(sql: PreparedStatements) {
    this.#sql = sql;
  }

  /** Looks at a few thousand more positions. */
  find({ eventsBeforeMs, nowMs, sinks }: RetentionRule): OldEvents {
    if (eventsBeforeMs === null) return { last: null, isWhole: true };
    if (nowMs >= this.#futureMs) {
      this.#from = 1;
      this.#lastOld = null;
      this.#futureMs = Number.POSITIVE_INFINITY;
    }
    const newest = this.#newest();
    const to = Math.min(newest + 1, this.#from + SPAN);
    const young = this.#sql.get<{ position: number | null }>(
      `SELECT min(position) AS position FROM events
       WHERE position >= ? AND position < ? AND committed_ms BETWEEN ? AND ?`,
      [this.#from, to, eventsBeforeMs, nowMs],
    )!.position;
    const end = young ?? to;
    const old = this.#sql.get<{ position: number | null }>(
      'SELECT max(position) AS position FROM events WHERE position >= ? AND position < ? AND committed_ms < ?',
      [this.#from, end, eventsBeforeMs],
    )!.position;
    const future = this.#sql.get<{ ms: number | null }>(
      'SELECT min(committed_ms) AS ms FROM events WHERE position >= ? AND position < ? AND committed_ms > ?',
      [this.#from, end, nowMs],
    )!.ms;
    this.#futureMs = Math.min(this.#futureMs, future ?? Number.POSITIVE_INFINITY);
    this.#lastOld = old ?? this.#lastOld;
    this.#from = end;
    const isWhole = young !== null || end > newest;
    if (this.#lastOld === null) return { last: null, isWhole };
    return { last: Math.min(this.#lastOld, newest - 1, this.#delivered(sinks)), isWhole };
  }

  #newest(): number {
    return this.#sql.get<{ last: number }>('SELECT coalesce(max(position), 0) AS last FROM events', [])!.last;
  }

  /** Up to where every one of these sinks has delivered; one that the journal has never had: nothing. */
  #delivered(sinks: readonly string[]): number {
    const places = sinks.map(
      (name) =>
        this.#sql.get<{ position: number }>('SELECT position FROM sinks WHERE name = ?', [name])?.position ??
        0,
    );
    return Math.min(Number.MAX_SAFE_INTEGER, ...places);
  }
}
