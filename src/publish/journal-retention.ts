import type { PreparedStatements } from './prepared-statements.js';
import { type OldEvents, OldEventsFinder } from './old-events.js';
import type { RetentionClock } from './retention-clock.js';
import type { RetentionRule } from './retention-rule.js';
import type { Connection } from './sqlite.js';

/** Rows that went; `shed`: score curves that were not old yet, for want of room. */
export interface Removed {
  readonly events: number;
  readonly segments: number;
  readonly scores: number;
  readonly shed: number;
}

/** What a step did. */
export interface RetentionStep {
  readonly removed: Removed;
  /** Nothing is left to be done now. */
  readonly isDone: boolean;
  /** In use, without free pages, after it. */
  readonly usedBytes: number;
}

/** So few that a commit that waits meanwhile hardly notices: some 10 ms. */
const ROWS = 200;
const PAGES = 128;
/** Free pages that stay, to be used again. */
const SPARE_PAGES = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const NOTHING: Removed = { events: 0, segments: 0, scores: 0, shed: 0 };

/** A live epoch; `isOver`: its stream goes on in a newer one. */
interface LiveEpoch {
  readonly epoch: string;
  readonly startTimeMs: number;
  /** Minute in which it goes on. */
  readonly minute: number | null;
  readonly isOver: 0 | 1;
}

const LIVE = `SELECT epoch, identity ->> 'startTimeMs' AS startTimeMs, CAST(checkpoint ->> 'lastMs' AS INTEGER) / ${MINUTE_MS} AS minute,
  EXISTS (SELECT 1 FROM epochs AS newer WHERE newer.identity ->> 'streamId' = epochs.identity ->> 'streamId'
    AND newer.rowid > epochs.rowid AND newer.checkpoint IS NOT NULL) AS isOver
  FROM epochs INDEXED BY live_epochs WHERE identity ->> 'kind' = 'live' AND identity ->> 'startTimeMs' IS NOT NULL ORDER BY rowid`;

/**
 * Removes what is old of a journal, in steps of one small transaction each, on the connection of its owner. What stays
 * whatever its age: everything of files, of which `tag` prints again what is tagged; events that a sink has not delivered; of
 * each stream the open segments, the minute of the checkpoint and the last event and state of its newest epoch; and the newest
 * event, from which positions are counted (numbers of AUTOINCREMENT are also taken by events that were held already).
 */
export class JournalRetention {
  readonly #database: Connection;
  readonly #sql: PreparedStatements;
  readonly #oldEvents: OldEventsFinder;

  constructor(database: Connection, sql: PreparedStatements) {
    this.#database = database;
    this.#sql = sql;
    this.#oldEvents = new OldEventsFinder(sql);
  }

  /** One step; throws what SQLite throws, and then nothing is removed. */
  step(rule: RetentionRule): RetentionStep {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const old = this.#oldEvents.find(rule);
      const removed = this.#removeSome(rule, old);
      this.#database.exec('COMMIT');
      const isIdle = Object.values(removed).every((rows) => rows === 0);
      const isGivenBack = isIdle && this.#giveBack();
      return { removed, isDone: isGivenBack && old.isWhole, usedBytes: this.#usedBytes() };
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Of a journal that was never looked through, the time of its newest event; null: it has none. */
  clock(): RetentionClock | null {
    const sql = `SELECT trusted_ms AS trustedMs, doubted_for_ms AS doubtedForMs FROM retention WHERE trusted_ms IS NOT NULL
      UNION ALL SELECT * FROM (SELECT committed_ms, 0 FROM events ORDER BY position DESC LIMIT 1) LIMIT 1`;
    return this.#sql.get<RetentionClock>(sql, []) ?? null;
  }

  /** The highest position of which the event is removed; 0: none is. */
  removedTo(): number {
    return this.#sql.get<{ position: number }>('SELECT removed_to AS position FROM retention', [])!.position;
  }

  keepClock({ trustedMs, doubtedForMs }: RetentionClock): void {
    const sql = 'UPDATE retention SET trusted_ms = ?, doubted_for_ms = ?';
    this.#sql.run(sql, [Math.round(trustedMs), Math.round(doubtedForMs)]);
  }

  #removeSome(rule: RetentionRule, old: OldEvents): Removed {
    const epochs = this.#sql.all<LiveEpoch>(LIVE, []);
    const events = this.#removeEvents(rule, old, epochs);
    if (events > 0) return { ...NOTHING, events };
    const segments = this.#removeSegments(rule, epochs);
    if (segments > 0) return { ...NOTHING, segments };
    const scores = this.#removeScores(epochs, rule.scoresBeforeMs);
    if (scores > 0) return { ...NOTHING, scores };
    this.#removeEpochs(epochs);
    const isFull = rule.maxBytes !== null && this.#usedBytes() > rule.maxBytes;
    return isFull ? { ...NOTHING, shed: this.#shed(epochs) } : NOTHING;
  }

  #removeEvents(rule: RetentionRule, { last }: OldEvents, epochs: readonly LiveEpoch[]): number {
    if (last === null) return 0;
    let left = ROWS;
    for (const { epoch, isOver } of epochs) {
      const kept = isOver ? [0, 0] : this.#lastEvents(epoch);
      const rows = this.#sql.all<{ position: number; sequence: number | null }>(
        `SELECT position, sequence FROM events WHERE epoch = ? AND position <= ? AND position NOT IN (?, ?)
         ORDER BY position LIMIT ?`,
        [epoch, last, ...kept, left],
      );
      if (rows.length === 0) continue;
      this.#sql.run('DELETE FROM events WHERE epoch = ? AND position <= ? AND position NOT IN (?, ?)', [
        epoch,
        rows.at(-1)!.position,
        ...kept,
      ]);
      const first = rows.reduce((next, { sequence }) => Math.max(next, (sequence ?? 0) + 1), 1);
      this.#sql.run('UPDATE retention SET removed_to = max(removed_to, ?)', [rows.at(-1)!.position]);
      this.#note(epoch, { first, wholeFromMs: rule.eventsBeforeMs! }); // by which they are old
      left -= rows.length;
      if (left === 0) break;
    }
    return ROWS - left;
  }

  /** Positions of the last event and the last state. */
  #lastEvents(epoch: string): number[] {
    const sql = 'SELECT coalesce(max(position), 0) AS last FROM events WHERE epoch = ?';
    return [sql, `${sql} AND sequence IS NULL`].map(
      (one) => this.#sql.get<{ last: number }>(one, [epoch])!.last,
    );
  }

  #removeSegments({ eventsBeforeMs }: RetentionRule, epochs: readonly LiveEpoch[]): number {
    if (eventsBeforeMs === null) return 0;
    for (const { epoch, startTimeMs } of epochs) {
      const beforeMs = eventsBeforeMs - startTimeMs;
      const rows = this.#sql.all(
        `DELETE FROM segments WHERE segment_id IN (SELECT segment_id FROM segments
           WHERE epoch = ? AND start_ms < ? AND end_ms <= ? ORDER BY start_ms LIMIT ${ROWS}) RETURNING 1`,
        [epoch, beforeMs, beforeMs],
      ).length;
      if (rows === 0) continue;
      this.#note(epoch, { first: 1, wholeFromMs: eventsBeforeMs });
      return rows;
    }
    return 0;
  }

  #note(
    epoch: string,
    { first, wholeFromMs }: { readonly first: number; readonly wholeFromMs: number },
  ): void {
    this.#sql.run(
      `UPDATE epochs SET first_sequence = max(first_sequence, ?), whole_from_ms = max(coalesce(whole_from_ms, 0), ?)
       WHERE epoch = ?`,
      [first, Math.round(wholeFromMs), epoch],
    );
  }

  #removeScores(epochs: readonly LiveEpoch[], beforeMs: number | null): number {
    if (beforeMs === null) return 0;
    for (const one of epochs) {
      const minute = Math.min(Math.floor((beforeMs - one.startTimeMs) / MINUTE_MS), toGoesOn(one));
      const rows = this.#removeBlocks(one.epoch, minute);
      if (rows > 0) return rows;
    }
    return 0;
  }

  #removeBlocks(epoch: string, beforeMinute: number): number {
    return this.#sql.all(
      `DELETE FROM scores WHERE epoch = ? AND minute IN
         (SELECT minute FROM scores WHERE epoch = ? AND minute < ? ORDER BY minute LIMIT ${ROWS}) RETURNING 1`,
      [epoch, epoch, Number.isFinite(beforeMinute) ? beforeMinute : Number.MAX_SAFE_INTEGER],
    ).length;
  }

  /** Those that are over, and of which nothing is left; and skips of events that are gone. */
  #removeEpochs(epochs: readonly LiveEpoch[]): void {
    this.#sql.run(
      `DELETE FROM skips WHERE position <= (SELECT position FROM sinks WHERE name = sink)
         AND NOT EXISTS (SELECT 1 FROM events WHERE events.position = skips.position)`, // a rewind needs it
      [],
    );
    for (const { epoch } of epochs.filter(({ isOver }) => isOver))
      this.#sql.run(
        `DELETE FROM epochs WHERE epoch = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE epoch = ?1)
           AND NOT EXISTS (SELECT 1 FROM segments WHERE epoch = ?1) AND NOT EXISTS (SELECT 1 FROM scores WHERE epoch = ?1)`,
        [epoch],
      );
  }

  /** Score curves, though they are not old: an hour of live streams, or a part of a file that is finished. */
  #shed(epochs: readonly LiveEpoch[]): number {
    const firsts = epochs.flatMap((one) => {
      const sql = 'SELECT min(minute) AS first FROM scores WHERE epoch = ?';
      const { first } = this.#sql.get<{ first: number | null }>(sql, [one.epoch])!;
      return first === null || first >= toGoesOn(one) ? [] : [one.startTimeMs + first * MINUTE_MS];
    });
    if (firsts.length > 0) return this.#removeScores(epochs, Math.min(...firsts) + HOUR_MS);
    const file = this.#sql.get<{ epoch: string }>(
      `SELECT epoch FROM epochs WHERE finished IS NOT NULL AND EXISTS (SELECT 1 FROM scores WHERE scores.epoch = epochs.epoch)
       ORDER BY rowid LIMIT 1`,
      [],
    );
    return file === undefined ? 0 : this.#removeBlocks(file.epoch, Number.POSITIVE_INFINITY);
  }

  /** Gives some free pages back to the disk; returns whether that is all. Journals of before are made so by `journal migrate`. */
  #giveBack(): boolean {
    if (this.#pragma('auto_vacuum') === 0 || this.#pragma('freelist_count') <= SPARE_PAGES) return true;
    const pages = Math.min(PAGES, this.#pragma('freelist_count') - SPARE_PAGES);
    this.#database.exec(`PRAGMA incremental_vacuum(${pages})`);
    return this.#pragma('freelist_count') <= SPARE_PAGES;
  }

  #usedBytes(): number {
    return (this.#pragma('page_count') - this.#pragma('freelist_count')) * this.#pragma('page_size');
  }

  #pragma(name: 'auto_vacuum' | 'freelist_count' | 'page_count' | 'page_size'): number {
    return this.#sql.get<{ value: number }>(`SELECT ${name} AS value FROM pragma_${name}`, [])!.value;
  }
}

/** The minute from which on the blocks of an epoch are needed, when its stream goes on. */
function toGoesOn({ minute, isOver }: LiveEpoch): number {
  if (isOver) return Number.POSITIVE_INFINITY;
  return minute ?? 0;
}
