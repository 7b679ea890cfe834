import type { StreamCause } from '../errors.js';
import type {
  Commit,
  EpochState,
  Journal,
  JournalRow,
  LabelcastEvent,
  LastEpoch,
  ScoreBlock,
  StreamIdentity,
} from '../types.js';
import { GroupCommit } from './group-commit.js';
import { JournalHost } from './journal-host.js';
import type { RetentionStep } from './journal-retention.js';
import type { LastNumber, SinkCursor, SkippedEvent, StoredRow } from './journal-statements.js';
import type { JournalSummary } from './journal-summary.js';
import type { RetentionClock } from './retention-clock.js';
import type { RetentionRule } from './retention-rule.js';
import type { SourcedSegment } from './segment-row.js';
import { type RoomPatience, RoomWait } from './room-wait.js';
import { toStoredCommit } from './stored-commit.js';

/** An open journal; closing it waits for what is under way and frees the file for others. */
export interface JournalHandle extends Journal, AsyncDisposable {
  /** Position of the newest committed event; 0 when there is none. */
  readonly lastPosition: number;
  /** Of one epoch, or of the newest one of each stream, by stream, start and label. */
  segments(epoch?: string): Promise<SourcedSegment[]>;
  /** Of each stream the identity of its newest epoch: the one that was begun, or taken up again, last. */
  newestEpochs(): Promise<StreamIdentity[]>;
  /** Score curves, oldest minute first. */
  scores(epoch: string): Promise<ScoreBlock[]>;
  /** Of all epochs, oldest first. */
  lastNumbers(): Promise<LastNumber[]>;
  /** Its own from its beginning on, and that of its copies. */
  journalId(): Promise<string>;
  /** How far a sink has delivered; null: this journal has never had it. */
  cursor(sink: string): Promise<SinkCursor | null>;
  moveCursor(sink: string, cursor: SinkCursor): Promise<void>;
  /** Null: no event of this id is held. */
  eventOf(id: string): Promise<JournalRow | null>;
  /** Where a sink stands that is still to get what was committed then, milliseconds since 1970, or later. */
  positionBefore(committedMs: number): Promise<number>;
  /** From its next start on the sink gets something else, or nothing, in place of an event. */
  skip(sink: string, skipped: SkippedEvent): Promise<void>;
  /** What the sink does not get, oldest first. */
  skips(sink: string): Promise<SkippedEvent[]>;
  /** Removes some of what is old, between two commits. */
  retain(rule: RetentionRule): Promise<RetentionStep>;
  /** The time as retention knows it; null: it has never run here. */
  retentionClock(): Promise<RetentionClock | null>;
  keepRetentionClock(clock: RetentionClock): Promise<void>;
  /** The highest position of which the event was removed with age; 0: none was. */
  removedTo(): Promise<number>;
  /** What it holds, by numbers. */
  summary(): Promise<JournalSummary>;
  /** Writes the whole file anew, so that free pages are given back from then on; takes as much room again meanwhile. */
  rewrite(): Promise<void>;
  /** Calls back after every group that added events; returns how to stop that. */
  onCommit(listener: () => void): () => void;
}

/**
 * Opens or creates a journal, held by this process alone until it is closed or the process dies. A commit is written at
 * once when the disk is idle; those that arrive meanwhile go together next, so the promise of `commit` is the
 * back-pressure. After a commit of an epoch has failed, later ones fail too until the epoch is opened again, so that
 * nothing is missing in between; an epoch that is finished, well or not, takes no more. On a full disk this, `openEpoch`, `commit`
 * and `moveCursor` wait for as long as `patience` says (default: not at all); a journal that has given up takes no commit
 * any more until it is opened again. `setting`: where the user names the file, for messages; default `--journal`. `now`: the
 * commit time, milliseconds since 1970. Throws PublishError when the file cannot be used.
 */
export async function openJournal(options: {
  readonly path: string;
  readonly setting?: string;
  readonly now?: () => number;
  readonly patience?: RoomPatience;
}): Promise<JournalHandle> {
  const { path, setting = '--journal', now = Date.now } = options;
  const room = new RoomWait(options.patience);
  return room.call(async () => {
    const thread = new JournalHost({ path, setting });
    try {
      return new ThreadedJournal(thread, { path, now, room, lastPosition: await thread.opened });
    } catch (error) {
      await thread.close();
      throw error;
    }
  });
}

interface JournalOptions {
  readonly path: string;
  readonly now: () => number;
  readonly room: RoomWait;
  readonly lastPosition: number;
}

class ThreadedJournal implements JournalHandle {
  readonly #thread: JournalHost;
  readonly #room: RoomWait;
  readonly #listeners = new Set<() => void>();
  readonly #commits: GroupCommit;
  #lastPosition: number;

  constructor(thread: JournalHost, { path, now, room, lastPosition }: JournalOptions) {
    this.#thread = thread;
    this.#room = room;
    this.#commits = new GroupCommit({
      path,
      write: (commits) => room.call(() => thread.call('commit', commits, now())),
      written: (position) => this.#announce(position),
    });
    this.#lastPosition = lastPosition;
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  openEpoch(identity: StreamIdentity): Promise<EpochState> {
    return this.#room.call(() => this.#thread.call('openEpoch', identity));
  }

  lastEpoch(streamId: string): Promise<LastEpoch | null> {
    return this.#thread.call('lastEpoch', streamId);
  }

  async commit(commit: Commit): Promise<void> {
    await this.#commits.add(toStoredCommit(commit));
  }

  async read(after: number, limit: number, epoch?: string | null): Promise<JournalRow[]> {
    const rows = await this.#thread.call('read', after, limit, epoch);
    return rows.map(toJournalRow);
  }

  segments(epoch?: string): Promise<SourcedSegment[]> {
    return this.#thread.call('segments', epoch);
  }

  newestEpochs(): Promise<StreamIdentity[]> {
    return this.#thread.call('newestEpochs');
  }

  failureOf(epoch: string): Promise<StreamCause | null> {
    return this.#thread.call('failureOf', epoch);
  }

  scores(epoch: string): Promise<ScoreBlock[]> {
    return this.#thread.call('scores', epoch);
  }

  lastNumbers(): Promise<LastNumber[]> {
    return this.#thread.call('lastNumbers');
  }

  journalId(): Promise<string> {
    return this.#thread.call('journalId');
  }

  cursor(sink: string): Promise<SinkCursor | null> {
    return this.#thread.call('cursor', sink);
  }

  moveCursor(sink: string, cursor: SinkCursor): Promise<void> {
    return this.#room.call(() => this.#thread.call('moveCursor', sink, cursor));
  }

  async eventOf(id: string): Promise<JournalRow | null> {
    const row = await this.#thread.call('eventOf', id);
    return row === null ? null : toJournalRow(row);
  }

  positionBefore(committedMs: number): Promise<number> {
    return this.#thread.call('positionBefore', committedMs);
  }

  skip(sink: string, skipped: SkippedEvent): Promise<void> {
    return this.#thread.call('skip', sink, skipped);
  }

  skips(sink: string): Promise<SkippedEvent[]> {
    return this.#thread.call('skips', sink);
  }

  retain(rule: RetentionRule): Promise<RetentionStep> {
    return this.#thread.call('retain', rule);
  }

  retentionClock(): Promise<RetentionClock | null> {
    return this.#thread.call('retentionClock');
  }

  removedTo(): Promise<number> {
    return this.#thread.call('removedTo');
  }

  keepRetentionClock(clock: RetentionClock): Promise<void> {
    return this.#thread.call('keepRetentionClock', clock);
  }

  summary(): Promise<JournalSummary> {
    return this.#thread.call('summary');
  }

  rewrite(): Promise<void> {
    return this.#thread.call('rewrite');
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.settled();
    await this.#thread.close();
  }

  #announce(lastPosition: number): void {
    if (lastPosition === this.#lastPosition) return;
    this.#lastPosition = lastPosition;
    for (const listener of this.#listeners) listener();
  }
}

function toJournalRow({ position, json, committedMs }: StoredRow): JournalRow {
  return { position, json, committedMs, event: JSON.parse(json) as LabelcastEvent };
}
