import { rmSync } from 'node:fs';
import { PublishError, type StreamCause } from '../errors.js';
import type { Checkpoint, EpochState, LastEpoch, ScoreBlock, StreamIdentity } from '../types.js';
import { isRefusal, type JournalFailure, toJournalFailure } from './journal-failure.js';
import type { JournalFile } from './journal-file.js';
import { toOwnerPath } from './journal-guard.js';
import { openDatabase } from './journal-opening.js';
import { JournalRetention, type RetentionStep } from './journal-retention.js';
import {
  JournalStatements,
  type LastNumber,
  type SinkCursor,
  type SkippedEvent,
  type StoredRow,
} from './journal-statements.js';
import { decodeScoreBlock, encodeScoreBlock } from './score-block.js';
import { isLogHeld } from './log-hold.js';
import { type JournalSummary, rewriteJournal, summariseJournal } from './journal-summary.js';
import { PreparedStatements } from './prepared-statements.js';
import type { RetentionClock } from './retention-clock.js';
import type { RetentionRule } from './retention-rule.js';
import type { Connection } from './sqlite.js';
import type { SourcedSegment } from './segment-row.js';
import type { StoredCommit } from './stored-commit.js';

const MINUTE_MS = 60_000;
/** Of the log, when it is folded into the file; SQLite's own measure. */
const FOLDED_PAGES = 1000;

/** What became of a group: for each commit why it was refused, or null; `lastPosition`: of the newest event. */
export interface GroupOutcome {
  readonly failures: readonly (JournalFailure | null)[];
  readonly lastPosition: number;
}

/**
 * The journal's SQLite file, used synchronously, by one connection of one process: the lock is SQLite's own, held as
 * long as the connection lives and freed by the system when the process dies. Nobody else in this process may open
 * the file, because closing it would drop the lock (POSIX).
 */
export class JournalDatabase {
  readonly #file: JournalFile;
  readonly #database: Connection;
  readonly #sql: JournalStatements;
  readonly #retention: JournalRetention;
  readonly #foundVersion: number;
  /** The log only grows, for now. */
  #isHeld = false;
  /** Epochs of which a commit failed: a later one would leave a hole. */
  readonly #broken = new Map<string, JournalFailure>();

  /** Opens or creates the file; `setting`: where the user names it. Throws PublishError or what SQLite throws. */
  constructor(path: string, setting: string | null = '--journal') {
    this.#file = { path, setting };
    const { database, foundVersion } = openDatabase(this.#file);
    this.#database = database;
    this.#foundVersion = foundVersion;
    const prepared = new PreparedStatements(database);
    this.#sql = new JournalStatements(prepared);
    this.#retention = new JournalRetention(database, prepared);
  }

  /** What the journal holds of an epoch, which is created when it is new. */
  openEpoch(identity: StreamIdentity): EpochState {
    this.#broken.delete(identity.epoch);
    const isNew = this.#sql.epoch(identity.epoch) === undefined;
    const isAnew = isNew && this.#sql.hasOtherEpoch(identity.epoch, identity.streamId);
    this.#sql.createEpoch(identity.epoch, JSON.stringify(identity));
    const held = this.#sql.epoch(identity.epoch)!; // created just now, or before
    const wasLeft = this.#takeUp(JSON.parse(held.identity) as StreamIdentity);
    const checkpoint = held.checkpoint === null ? null : (JSON.parse(held.checkpoint) as Checkpoint);
    const minute = checkpoint === null ? null : Math.floor(checkpoint.lastMs / MINUTE_MS);
    const block = minute === null ? undefined : this.#sql.block(identity.epoch, minute);
    return {
      identity: JSON.parse(held.identity) as StreamIdentity,
      isAnew,
      wasLeft,
      checkpoint,
      finished: held.finished,
      ...(held.whole_from_ms !== null && { wholeFromMs: held.whole_from_ms }),
      openSegments: this.#sql.segments(identity.epoch).filter(({ endMs }) => endMs === null),
      scores: block === undefined ? null : decodeScoreBlock(block.minute, block.block),
    };
  }

  /** Of each stream the identity of its newest epoch. */
  newestEpochs(): StreamIdentity[] {
    return this.#sql.newestEpochs().map((identity) => JSON.parse(identity) as StreamIdentity);
  }

  /** Where the newest live epoch of a stream stands. */
  lastEpoch(streamId: string): LastEpoch | null {
    const held = this.#sql.lastLiveEpoch(streamId);
    if (held === undefined) return null;
    return {
      identity: JSON.parse(held.identity) as StreamIdentity,
      checkpoint: held.checkpoint === null ? null : (JSON.parse(held.checkpoint) as Checkpoint),
      lastSequence: held.last_sequence,
    };
  }

  /**
   * Stores commits in order in one transaction, on disk when this returns. A commit that breaks a rule is left out alone; when
   * the disk fails none is stored and this throws; a group that found it full may be given again as it is.
   */
  commit(group: readonly StoredCommit[], committedMs: number): GroupOutcome {
    const wereBroken = new Set(this.#broken.keys());
    try {
      this.#mindCopies();
      this.#database.exec('BEGIN IMMEDIATE');
      const failures = group.map((commit) => this.#store(commit, committedMs));
      this.#database.exec('COMMIT');
      return { failures, lastPosition: this.lastPosition() };
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      const failure = toJournalFailure(error, this.#file);
      for (const { epoch } of group) {
        if (epoch === null || wereBroken.has(epoch)) continue;
        if (failure.isOutOfRoom) this.#broken.delete(epoch);
        else this.#broken.set(epoch, failure);
      }
      throw error;
    }
  }

  read(after: number, limit: number, epoch?: string | null): StoredRow[] {
    return this.#sql.events(after, limit, epoch);
  }

  segments(epoch?: string): SourcedSegment[] {
    return this.#sql.segments(epoch);
  }

  failureOf(epoch: string): StreamCause | null {
    return this.#sql.failureOf(epoch) as StreamCause | null;
  }

  scores(epoch: string): ScoreBlock[] {
    return this.#sql.blocks(epoch).map(({ minute, block }) => decodeScoreBlock(minute, block));
  }

  lastNumbers(): LastNumber[] {
    return this.#sql.lastNumbers();
  }

  journalId(): string {
    return this.#sql.journalId();
  }

  cursor(sink: string): SinkCursor | null {
    return this.#sql.cursor(sink);
  }

  moveCursor(sink: string, cursor: SinkCursor): void {
    this.#sql.moveCursor(sink, cursor);
  }

  eventOf(id: string): StoredRow | null {
    return this.#sql.eventOf(id) ?? null;
  }

  positionBefore(committedMs: number): number {
    return this.#sql.positionBefore(committedMs);
  }

  skip(sink: string, skipped: SkippedEvent): void {
    this.#sql.skip(sink, skipped);
  }

  skips(sink: string): SkippedEvent[] {
    return this.#sql.skips(sink);
  }

  /** Position of the newest event; 0 when there is none. */
  lastPosition(): number {
    return this.#sql.lastPosition();
  }

  /** Removes some of what is old. */
  retain(rule: RetentionRule): RetentionStep {
    this.#mindCopies();
    return this.#retention.step(rule);
  }

  /** The time as retention knows it; null: it has never run here. */
  retentionClock(): RetentionClock | null {
    return this.#retention.clock();
  }

  /** The highest position of which the event was removed with age; 0: none was. */
  removedTo(): number {
    return this.#retention.removedTo();
  }

  keepRetentionClock(clock: RetentionClock): void {
    this.#retention.keepClock(clock);
  }

  summary(): JournalSummary {
    return summariseJournal(this.#database, this.#foundVersion);
  }

  /** Writes the whole file anew, without free pages, and in the form that gives pages back; takes as much room again. */
  rewrite(): void {
    rewriteJournal(this.#database);
  }

  /** The lock goes with the thread, once its statements are collected. */
  close(): void {
    rmSync(toOwnerPath(this.#file.path), { force: true });
    this.#database.close();
  }

  /** While somebody copies the file nothing is folded into it. */
  #mindCopies(): void {
    const isHeld = isLogHeld(this.#file.path);
    if (isHeld === this.#isHeld) return;
    this.#database.exec(`PRAGMA wal_autocheckpoint=${isHeld ? 0 : FOLDED_PAGES}`);
    this.#isHeld = isHeld;
  }

  /** Makes an epoch of a file the newest of its stream; whether another one was that. */
  #takeUp({ epoch, kind, streamId }: StreamIdentity): boolean {
    if (kind !== 'file' || !this.#sql.hasNewerEpoch(epoch, streamId)) return false;
    this.#sql.renewEpoch(epoch);
    return true;
  }

  #store(commit: StoredCommit, committedMs: number): JournalFailure | null {
    const earlier = commit.epoch === null ? undefined : this.#broken.get(commit.epoch);
    if (earlier !== undefined) return earlier;
    this.#sql.savepoint();
    try {
      if (commit.epoch === null) this.#storeWithoutEpoch(commit, committedMs);
      else this.#storeInEpoch(commit.epoch, commit, committedMs);
      this.#sql.release();
      return null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#sql.rollbackToSavepoint();
      this.#sql.release();
      const failure = { ...toJournalFailure(error, this.#file), isOfStream: true };
      if (commit.epoch !== null) this.#broken.set(commit.epoch, failure);
      return failure;
    }
  }

  #storeWithoutEpoch({ events, segments, scores, checkpoint }: StoredCommit, committedMs: number): void {
    const isNumbered = events.some(({ sequence }) => sequence !== null);
    if (isNumbered || segments.length > 0 || scores.length > 0 || checkpoint !== null)
      throw new PublishError('a source without an epoch can have unnumbered stream events only');
    for (const event of events) this.#sql.addEventOnce(event.id, committedMs, event.json);
  }

  #storeInEpoch(epoch: string, commit: StoredCommit, committedMs: number): void {
    const held = this.#sql.epoch(epoch);
    if (held === undefined || held.finished !== null)
      throw new PublishError(`epoch ${epoch} is ${held === undefined ? 'not open' : held.finished}`);
    let last = held.last_sequence;
    for (const { id, sequence, json } of commit.events) {
      if (sequence !== null && sequence !== ++last)
        throw new PublishError(`epoch ${epoch}: number ${sequence} came where ${last} is due`);
      this.#sql.addEvent({ epoch, sequence, id, committedMs, json });
    }
    const { checkpoint } = commit;
    if (checkpoint !== null && checkpoint.nextSequence !== last + 1)
      throw new PublishError(
        `epoch ${epoch}: its checkpoint goes on at ${checkpoint.nextSequence}, not ${last + 1}`,
      );
    for (const segment of commit.segments) this.#sql.putSegment(segment);
    for (const block of commit.scores) this.#sql.putBlock(epoch, block.minute, encodeScoreBlock(block));
    this.#sql.moveEpoch({ epoch, last, checkpoint, finished: commit.finished });
  }
}
