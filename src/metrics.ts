import { dirname } from 'node:path';
import { toFrameFailure } from './frame-failures.js';
import type { BatcherObserver } from './infer/batcher.js';
import type { TaggerHost } from './infer/tagger-host.js';
import type { LiveStreamListener } from './live-stream.js';
import { MetricFamilies } from './metric-families.js';
import { readFreeBytes, readSize } from './publish/disk-room.js';
import type { Removed } from './publish/journal-retention.js';
import type { ModelInfo, Commit, Journal, JournalRow, Pixels, Sink, SinkState } from './types.js';

const STATES = ['connecting', 'online', 'gap', 'offline', 'failed'] as const;
type StreamState = (typeof STATES)[number];
const SINK_STATES = ['delivering', 'retrying', 'stopped'] as const satisfies SinkState[];

/** Where a sink's relay stands, by its own account. */
interface SinkPlace {
  readonly pending: () => number;
  readonly state: () => SinkState;
}

/** The one registry of the process, in Prometheus' base units; what is counted stays out of the stages that do the work. */
export class Metrics {
  readonly #all = new MetricFamilies();
  readonly #received = this.#all.streamCounter(
    'frames_received_total',
    'Frames chosen to be scored that arrived.',
  );
  readonly #inferred = this.#all.streamCounter('frames_inferred_total', 'Frames scored.');
  readonly #dropped = this.#all.streamCounter(
    'frames_dropped_total',
    'Frames that gave way, by reason.',
    'reason',
  );
  readonly #skipped = this.#all.streamCounter(
    'frames_skipped_total',
    'Frames not scored on purpose, by reason.',
    'reason',
  );
  readonly #failed = this.#all.streamCounter(
    'frames_failed_total',
    'Frames that could not be scored.',
    'reason',
  );
  readonly #decodeErrors = this.#all.streamCounter('decode_errors_total', 'Damage that ffmpeg reported.');
  readonly #restarts = this.#all.streamCounter(
    'stream_restarts_total',
    'Connections that were lost or could not be made.',
    'reason',
  );
  readonly #state = this.#all.streamGauge('stream_state', '1 for the state the stream is in.', 'state');
  readonly #lastFrame = this.#all.streamGauge(
    'stream_last_frame_timestamp_seconds',
    'UTC of the last scored frame.',
  );
  readonly #openSegments = this.#all.streamGauge('open_segments', 'Labels that hold now.');
  readonly #batchSize = this.#all.histogram('batch_size', 'Frames in a batch.', {
    buckets: [1, 2, 4, 8, 16, 32, 64],
  });
  readonly #queueWait = this.#all.histogram('queue_wait_seconds', 'How long frames waited for the tagger.');
  readonly #inference = this.#all.histogram('inference_seconds', 'How long batches took in the tagger.');
  readonly #frameAge = this.#all.histogram(
    'frame_age_seconds',
    'From the arrival of frames to their scores.',
  );
  readonly #delivery = this.#all.histogram(
    'event_delivery_seconds',
    'From the commit of events to their delivery.',
    { labelNames: ['sink'] },
  );
  readonly #batches = this.#all.counter('batches_total', 'Batches, by why they were closed.', ['closed_by']);
  readonly #events = this.#all.counter('events_total', 'Events committed.', ['type']);
  readonly #delivered = this.#all.counter('events_delivered_total', 'Events that a sink acknowledged.', [
    'sink',
  ]);
  readonly #failures = this.#all.counter('delivery_failures_total', 'Attempts that failed.', [
    'sink',
    'reason',
  ]);
  readonly #inferenceRestarts = this.#all.counter('inference_restarts_total', 'Restarts of the tagger.', [
    'reason',
  ]);
  readonly #removed = this.#all.counter(
    'journal_removed_total',
    'What left the journal, by age or for room.',
    ['kind', 'reason'],
  );
  readonly #blocked = this.#all.gauge(
    'journal_blocked',
    '1 while nothing can be committed: the disk of the journal is full.',
    [],
  );
  /** Frames by stream that are neither scored nor given up. */
  readonly #inFlight = new Map<string, number>();
  readonly #sinks = new Map<string, SinkPlace>();

  /** `journalFile`: whose size is told, with that of its log. */
  constructor(journalFile: string, version: string) {
    const inFlight = this.#inFlight;
    const sinks = this.#sinks;
    this.#all.gauge(
      'frames_in_flight',
      'received = inferred + dropped + skipped + failed + this.',
      [],
      (gauge) => gauge.set([...inFlight.values()].reduce((sum, count) => sum + count, 0)),
    );
    this.#all.gauge('journal_pending_events', 'Events a sink has still to get.', ['sink'], (gauge) => {
      for (const [sink, place] of sinks) gauge.set({ sink }, place.pending());
    });
    this.#all.gauge('sink_state', '1 for the state the sink is in.', ['sink', 'state'], (gauge) => {
      for (const [sink, place] of sinks)
        for (const state of SINK_STATES) gauge.set({ sink, state }, state === place.state() ? 1 : 0);
    });
    this.#all.gauge('journal_bytes', 'Size of the journal on disk.', [], (gauge) =>
      gauge.set(readSize(journalFile) + readSize(`${journalFile}-wal`)),
    );
    this.#all.gauge('journal_free_bytes', 'Room on the disk of the journal.', [], (gauge) =>
      gauge.set(freeOf(journalFile)),
    );
    this.#all
      .gauge('build_info', 'This labelcast.', ['version', 'node'])
      .set({ version, node: process.version }, 1);
  }

  get contentType(): string {
    return this.#all.contentType;
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#all.text();
  }

  /** For the queue. */
  readonly queue: BatcherObserver = {
    received: (stream) => this.#receive(stream),
    scored: (stream, { waitedMs, ageMs }) => {
      this.#settle(stream);
      this.#inferred.inc({ stream });
      this.#queueWait.observe(waitedMs / 1000);
      this.#frameAge.observe(ageMs / 1000);
    },
    dropped: (stream, reason) => {
      this.#settle(stream);
      this.#dropped.inc({ stream, reason });
    },
    skipped: (stream) => {
      this.#settle(stream);
      this.#skipped.inc({ stream, reason: 'static' });
    },
    failed: (stream, error) => {
      this.#settle(stream);
      this.#failed.inc({ stream, reason: toFrameFailure(error) });
    },
    batch: ({ closedBy, frames }) => {
      this.#batches.inc({ closed_by: closedBy });
      this.#batchSize.observe(frames);
    },
  };

  /** The series of a live stream, from the beginning at 0. */
  addStream(stream: string): void {
    this.addFile(stream);
    this.#decodeErrors.inc({ stream }, 0);
    this.#openSegments.set({ stream }, 0);
    this.standing(stream, 'connecting');
  }

  /** The series of a file, from the beginning at 0. */
  addFile(stream: string): void {
    for (const counter of [this.#received, this.#inferred]) counter.inc({ stream }, 0);
  }

  /** For a live stream, while it is watched. */
  observeStream(stream: string): Required<Omit<LiveStreamListener, 'changed' | 'begun'>> {
    let originMs = 0;
    return {
      opened: (identity) => {
        originMs = identity.startTimeMs ?? 0;
      },
      advanced: (_, ptsMs) => this.#lastFrame.set({ stream }, (originMs + ptsMs) / 1000),
      connection: (state, problem) => {
        this.standing(stream, state);
        if (state === 'offline') this.#restarts.inc({ stream, reason: problem?.cause ?? 'ended' });
      },
      openSegments: (count) => this.#openSegments.set({ stream }, count),
      decodeError: () => this.#decodeErrors.inc({ stream }),
      unread: () => {
        // a picture that could not even be read: no memory was free for it
        this.#received.inc({ stream });
        this.#dropped.inc({ stream, reason: 'overflow' });
      },
    };
  }

  /** Null: it is no longer watched. */
  standing(stream: string, now: StreamState | null): void {
    for (const state of STATES) this.#state.set({ stream, state }, state === now ? 1 : 0);
  }

  /** Of a stream that is over, all of whose frames are scored or given up. */
  async removeStream(stream: string): Promise<void> {
    await this.#all.removeStream(stream);
    this.#inFlight.delete(stream);
  }

  taggerRestarted(reason: string): void {
    this.#inferenceRestarts.inc({ reason });
  }

  running(model: ModelInfo, { requested, effective, device }: TaggerHost['provider']): void {
    const { name, version, sha256 } = model;
    this.#all
      .gauge('model_info', 'The model that runs.', ['name', 'version', 'sha256'])
      .set({ name, version, sha256 }, 1);
    const labels = ['requested', 'effective', 'device'];
    this.#all
      .gauge('execution_provider_info', 'What runs it.', labels)
      .set({ requested, effective, device }, 1);
  }

  /** The tagger, with its batches timed. */
  observeTagger(tagger: TaggerHost): TaggerHost {
    const tag = async (frames: readonly Pixels[], options: { readonly fixed: boolean }) => {
      const end = this.#inference.startTimer();
      try {
        return await tagger.tag(frames, options);
      } finally {
        end();
      }
    };
    return new Proxy(tagger, {
      get: (target, name) => {
        if (name === 'tag') return tag;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
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
  journalBlocked(isBlocked: boolean): void {
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

  #receive(stream: string): void {
    this.#received.inc({ stream });
    this.#inFlight.set(stream, (this.#inFlight.get(stream) ?? 0) + 1);
  }

  #settle(stream: string): void {
    this.#inFlight.set(stream, (this.#inFlight.get(stream) ?? 0) - 1);
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
