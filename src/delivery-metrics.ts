import { dirname } from 'node:path';
import type { Counter, Gauge, Histogram, MetricFamilies } from './metric-families.js';
import { readFreeBytes, readSize } from './publish/disk-room.js';
import type { Removed } from './publish/journal-retention.js';
import type { Commit, Journal, JournalRow, Sink, SinkState } from './types.js';

const SINK_STATES = ['delivering', 'retrying', 'stopped'] as const satisfies SinkState[];

/** Where a sink's relay stands, by its own account. */
interface SinkPlace {
  readonly pending: () => number;
  readonly state: () => SinkState;
}

/** What is told of events from their commit on: of the journal, its disk and its sinks. */
export class DeliveryMetrics {
  readonly #all: MetricFamilies;
  readonly #events: Counter;
  readonly #delivered: Counter;
  readonly #failures: Counter;
  readonly #delivery: Histogram;
  readonly #removed: Counter;
  readonly #blocked: Gauge;
  readonly #sinks = new Map<string, SinkPlace>();

  /** `journalFile`: whose size is told, with that of its log. */
  constructor(all: MetricFamilies, journalFile: string) {
    this.#all = all;
    this.#events = all.counter('events_total', 'Events committed.', ['type']);
    this.#delivered = all.counter('events_delivered_total', 'Events that a sink acknowledged.', ['sink']);
    this.#failures = all.counter('delivery_failures_total', 'Attempts that failed.', ['sink', 'reason']);
    this.#delivery = all.histogram('event_delivery_seconds', 'From the commit of events to their delivery.', {
      labelNames: ['sink'],
    });
    this.#removed = all.counter('journal_removed_total', 'What left the journal, by age or for room.', [
      'kind',
      'reason',
    ]);
    this.#blocked = all.gauge(
      'journal_blocked',
      '1 while nothing can be committed: the disk of the journal is full.',
      [],
    );
    all.gauge('journal_pending_events', 'Events a sink has still to get.', ['sink'], (gauge) => {
      for (const [sink, place] of this.#sinks) gauge.set({ sink }, place.pending());
    });
    all.gauge('sink_state', '1 for the state the sink is in.', ['sink', 'state'], (gauge) => {
      for (const [sink, place] of this.#sinks)
        for (const state of SINK_STATES) gauge.set({ sink, state }, state === place.state() ? 1 : 0);
    });
    all.gauge('journal_bytes', 'Size of the journal on disk.', [], (gauge) =>
      gauge.set(readSize(journalFile) + readSize(`${journalFile}-wal`)),
    );
    all.gauge('journal_free_bytes', 'Room on the disk of the journal.', [], (gauge) =>
      gauge.set(freeOf(journalFile)),
    );
  }

  /** The journal, with its events counted. */
  observeJournal(journal: Journal): Journal {
    return {
      openEpoch: (identity) => journal.openEpoch(identity),
      lastEpoch: (streamId) => journal.lastEpoch(streamId),
      read: (after, limit, epoch) => journal.read(after, limit, epoch),
      segments: (epoch) => journal.segments(epoch),
      failureOf: (epoch) => journal.failureOf(epoch),
      commit: async (commit: Commit) => {
        await journal.commit(commit);
        for (const { type } of commit.events) this.#events.inc({ type });
      },
    };
  }

  /** Whether nothing can be committed now, for want of room. */
  blocked(isBlocked: boolean): void {
    this.#blocked.set(isBlocked ? 1 : 0);
  }

  /** What retention removes of the journal, from the beginning at 0; `maxBytes`: its budget. */
  observeRetention(maxBytes: number | null): (removed: Removed) => void {
    if (maxBytes !== null)
      this.#all.gauge('journal_max_bytes', 'What is enough for the journal.', []).set(maxBytes);
    const count = ({ events, segments, scores, shed }: Removed): void => {
      this.#removed.inc({ kind: 'events', reason: 'age' }, events);
      this.#removed.inc({ kind: 'segments', reason: 'age' }, segments);
      this.#removed.inc({ kind: 'scores', reason: 'age' }, scores);
      this.#removed.inc({ kind: 'scores', reason: 'room' }, shed);
    };
    count({ events: 0, segments: 0, scores: 0, shed: 0 });
    return count;
  }

  /** The sink, with its deliveries counted and timed, and how it stands told. */
  observeSink(sink: Sink, place: SinkPlace): Sink {
    const { name } = sink;
    this.#sinks.set(name, place);
    this.#delivered.inc({ sink: name }, 0);
    // from the start, or an alert could not see them rise
    for (const reason of ['retried', 'refused']) this.#failures.inc({ sink: name, reason }, 0);
    const deliver = async (rows: readonly JournalRow[], signal: AbortSignal): Promise<string> => {
      try {
        const cursor = await sink.deliver(rows, signal);
        this.#delivered.inc({ sink: name }, rows.length);
        const now = Date.now();
        for (const { committedMs } of rows)
          this.#delivery.observe({ sink: name }, (now - committedMs) / 1000);
        return cursor;
      } catch (error) {
        const isRetried = error instanceof Error && 'retryable' in error && error.retryable === true;
        this.#failures.inc({ sink: name, reason: isRetried ? 'retried' : 'refused' });
        throw error;
      }
    };
    return { name, open: (cursor) => sink.open(cursor), deliver, foresee: (rows) => sink.foresee?.(rows) };
  }
}

/** Of the disk of a file; NaN where that cannot be told. */
function freeOf(file: string): number {
  try {
    return readFreeBytes(dirname(file));
  } catch {
    return Number.NaN;
  }
}
