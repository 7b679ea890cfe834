import type { Checkpoint, Segment } from '../types.js';
import type { PreparedStatements } from './prepared-statements.js';
import { type SegmentRow, type SourcedSegment, toSegment } from './segment-row.js';

/** The number of the last label event of an epoch; 0: it has none. */
export interface LastNumber {
  readonly epoch: string;
  readonly streamId: string;
  readonly sequence: number;
  /** The first that is still held: those before were removed with age. */
  readonly first: number;
}

/** How far a sink has delivered: the last position, and where that is in the sink's own terms. */
export interface SinkCursor {
  readonly position: number;
  readonly cursor: string;
}

/** An event's place and bytes. */
export interface StoredRow {
  readonly position: number;
  readonly json: string;
  readonly committedMs: number;
}

/** An event that a sink does not get, and (null: nothing) what it gets in its place. */
export interface SkippedEvent {
  readonly position: number;
  readonly json: string | null;
}

interface EpochRow {
  readonly identity: string;
  readonly checkpoint: string | null;
  readonly last_sequence: number;
  readonly finished: 'completed' | 'failed' | null;
  readonly whole_from_ms: number | null;
}

interface BlockRow {
  readonly minute: number;
  readonly block: Uint8Array;
}

const SEGMENTS = `SELECT segments.*, identity ->> 'sourceUri' AS source_uri, identity ->> 'startTimeMs' AS start_time_ms
  FROM segments JOIN epochs USING (epoch)`;
/** Of each stream; a live one without a checkpoint, in which no picture came, only when there is no other. */
const NEWEST = `WHERE epochs.rowid IN (SELECT id FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY identity ->> 'streamId'
  ORDER BY identity ->> 'kind' = 'live' AND checkpoint IS NULL, rowid DESC) AS place FROM epochs) WHERE place = 1)`;
const IN_ORDER = 'ORDER BY stream_id, epoch, start_ms, label';

/** Every statement on the journal's tables that storing and reading takes. */
export class JournalStatements {
  readonly #sql: PreparedStatements;

  constructor(sql: PreparedStatements) {
    this.#sql = sql;
  }

  savepoint(): void {
    this.#sql.run('SAVEPOINT one', []);
  }

  release(): void {
    this.#sql.run('RELEASE one', []);
  }

  rollbackToSavepoint(): void {
    this.#sql.run('ROLLBACK TO one', []);
  }

  createEpoch(epoch: string, identity: string): void {
    this.#sql.run('INSERT INTO epochs (epoch, identity) VALUES (?, ?) ON CONFLICT (epoch) DO NOTHING', [
      epoch,
      identity,
    ]);
  }

  /** Whether another epoch of this stream is held. */
  hasOtherEpoch(epoch: string, streamId: string): boolean {
    const sql = `SELECT 1 FROM epochs WHERE epoch != ? AND identity ->> 'streamId' = ? LIMIT 1`;
    return this.#sql.get(sql, [epoch, streamId]) !== undefined;
  }

  /** Whether another epoch of this stream is newer than this one. */
  hasNewerEpoch(epoch: string, streamId: string): boolean {
    const sql = `SELECT 1 FROM epochs WHERE rowid > (SELECT rowid FROM epochs WHERE epoch = ?) AND identity ->> 'streamId' = ? LIMIT 1`;
    return this.#sql.get(sql, [epoch, streamId]) !== undefined;
  }

  /** Makes an epoch the newest one. */
  renewEpoch(epoch: string): void {
    this.#sql.run('UPDATE epochs SET rowid = (SELECT max(rowid) + 1 FROM epochs) WHERE epoch = ?', [epoch]);
  }

  /** The newest epoch of each stream, in the order in which they became that. */
  newestEpochs(): string[] {
    const rows = this.#sql.all<{ identity: string }>(
      `SELECT identity FROM epochs ${NEWEST} ORDER BY rowid`,
      [],
    );
    return rows.map(({ identity }) => identity);
  }

  epoch(epoch: string): EpochRow | undefined {
    return this.#sql.get('SELECT * FROM epochs WHERE epoch = ?', [epoch]);
  }

  /** The newest live epoch of a stream; none of a backup, after which other numbers were given. */
  lastLiveEpoch(streamId: string): EpochRow | undefined {
    return this.#sql.get(
      `SELECT * FROM epochs WHERE identity ->> 'streamId' = ? AND identity ->> 'kind' = 'live' AND checkpoint IS NOT NULL
       AND identity ->> 'isOfBackup' IS NULL ORDER BY rowid DESC LIMIT 1`,
      [streamId],
    );
  }

  /** A null checkpoint, or not being finished, leaves what is stored. */
  moveEpoch(moved: {
    readonly epoch: string;
    readonly last: number;
    readonly checkpoint: Checkpoint | null;
    readonly finished: 'completed' | 'failed' | null;
  }): void {
    const checkpoint = moved.checkpoint === null ? null : JSON.stringify(moved.checkpoint);
    this.#sql.run(
      `UPDATE epochs SET last_sequence = ?, checkpoint = coalesce(?, checkpoint), finished = ? WHERE epoch = ?`,
      [moved.last, checkpoint, moved.finished, moved.epoch],
    );
  }

  /** Fails when an event of this id is held. */
  addEvent(event: {
    readonly epoch: string;
    readonly sequence: number | null;
    readonly id: string;
    readonly committedMs: number;
    readonly json: string;
  }): void {
    const { epoch, sequence, id, committedMs, json } = event;
    this.#sql.run('INSERT INTO events (epoch, sequence, id, committed_ms, json) VALUES (?, ?, ?, ?, ?)', [
      epoch,
      sequence,
      id,
      committedMs,
      json,
    ]);
  }

  /** An event without an epoch; one that is held stays as it is. */
  addEventOnce(id: string, committedMs: number, json: string): void {
    this.#sql.run(
      'INSERT INTO events (id, committed_ms, json) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
      [id, committedMs, json],
    );
  }

  /** Oldest first; `epoch` undefined: of all, null: of sources without one. */
  events(after: number, limit: number, epoch?: string | null): StoredRow[] {
    const isWanted = epoch === undefined ? '' : 'AND epoch IS ?';
    return this.#sql.all(
      `SELECT position, json, committed_ms AS committedMs FROM events WHERE position > ? ${isWanted} ORDER BY position LIMIT ?`,
      epoch === undefined ? [after, limit] : [after, epoch, limit],
    );
  }

  failureOf(epoch: string): string | null {
    const sql = `SELECT json ->> '$.data.cause' AS cause FROM events
      WHERE epoch = ? AND json ->> '$.data.state' = 'failed' ORDER BY position DESC LIMIT 1`;
    return this.#sql.get<{ cause: string | null }>(sql, [epoch])?.cause ?? null;
  }

  lastPosition(): number {
    return this.#sql.get<{ last: number }>('SELECT coalesce(max(position), 0) AS last FROM events', [])!.last;
  }

  putSegment(segment: Segment): void {
    const { score, frames } = segment;
    this.#sql.run('INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
      segment.segmentId,
      segment.streamId,
      segment.epoch,
      segment.label,
      segment.startMs,
      segment.endMs,
      segment.startReason,
      segment.endReason,
      score.peak,
      score.mean,
      frames.observed,
      frames.expected,
    ]);
  }

  /** Of one epoch, or of the newest one of each stream: by stream, start and label. */
  segments(epoch?: string): SourcedSegment[] {
    const rows =
      epoch === undefined
        ? this.#sql.all<SegmentRow>(`${SEGMENTS} ${NEWEST} ${IN_ORDER}`, [])
        : this.#sql.all<SegmentRow>(`${SEGMENTS} WHERE epoch = ? ${IN_ORDER}`, [epoch]);
    return rows.map(toSegment);
  }

  putBlock(epoch: string, minute: number, block: Uint8Array): void {
    this.#sql.run('INSERT OR REPLACE INTO scores VALUES (?, ?, ?)', [epoch, minute, block]);
  }

  block(epoch: string, minute: number): BlockRow | undefined {
    return this.#sql.get('SELECT minute, block FROM scores WHERE epoch = ? AND minute = ?', [epoch, minute]);
  }

  blocks(epoch: string): BlockRow[] {
    return this.#sql.all('SELECT minute, block FROM scores WHERE epoch = ? ORDER BY minute', [epoch]);
  }

  lastNumbers(): LastNumber[] {
    return this.#sql.all<LastNumber>(
      `SELECT epoch, identity ->> 'streamId' AS streamId, first_sequence AS first, last_sequence AS sequence
       FROM epochs ORDER BY rowid`,
      [],
    );
  }

  journalId(): string {
    return this.#sql.get<{ id: string }>('SELECT id FROM identity', [])!.id; // made with the table
  }

  cursor(sink: string): SinkCursor | null {
    const row = this.#sql.get<SinkCursor>('SELECT position, cursor FROM sinks WHERE name = ?', [sink]);
    return row === undefined ? null : { position: row.position, cursor: row.cursor };
  }

  /** Undefined: no event of this id is held. */
  eventOf(id: string): StoredRow | undefined {
    const sql = 'SELECT position, json, committed_ms AS committedMs FROM events WHERE id = ?';
    return this.#sql.get<StoredRow>(sql, [id]);
  }

  /** Of the last event before the first one that was committed then or later; without one, that of the newest event. */
  positionBefore(committedMs: number): number {
    const first = this.#sql.get<{ first: number | null }>(
      'SELECT min(position) AS first FROM events WHERE committed_ms >= ?',
      [committedMs],
    )!.first;
    return first === null ? this.lastPosition() : first - 1;
  }

  skip(sink: string, { position, json }: SkippedEvent): void {
    this.#sql.run('INSERT OR REPLACE INTO skips VALUES (?, ?, ?)', [sink, position, json]);
  }

  skips(sink: string): SkippedEvent[] {
    return this.#sql.all('SELECT position, json FROM skips WHERE sink = ? ORDER BY position', [sink]);
  }

  moveCursor(sink: string, { position, cursor }: SinkCursor): void {
    this.#sql.run('INSERT OR REPLACE INTO sinks VALUES (?, ?, ?)', [sink, position, cursor]);
  }
}
