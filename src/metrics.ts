import { DeliveryMetrics } from './delivery-metrics.js';
import { toFrameFailure } from './frame-failures.js';
import type { BatcherObserver } from './infer/batcher.js';
import type { TaggerHost } from './infer/tagger-host.js';
import type { LiveStreamListener } from './live-stream.js';
import { MetricFamilies } from './metric-families.js';
import type { Decoder, ModelInfo, Pixels } from './types.js';

const STATES = ['connecting', 'online', 'gap', 'offline', 'failed'] as const;
const DECODERS = ['software', 'cuda', 'vaapi', 'qsv'] satisfies Decoder[];
type StreamState = (typeof STATES)[number];

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
  readonly #decoder = this.#all.streamGauge('decoder_info', 'What decodes the stream.', 'decoder');
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
  readonly #batches = this.#all.counter('batches_total', 'Batches, by why they were closed.', ['closed_by']);
  readonly #inferenceRestarts = this.#all.counter('inference_restarts_total', 'Restarts of the tagger.', [
    'reason',
  ]);
  readonly #model = this.#all.gauge('model_info', 'The model that runs.', ['name', 'version', 'sha256']);
  readonly #provider = this.#all.gauge('execution_provider_info', 'What runs it.', [
    'requested',
    'effective',
    'device',
  ]);
  /** Frames by stream that are neither scored nor given up. */
  readonly #inFlight = new Map<string, number>();
  /** Of events, from the journal to the sinks. */
  readonly delivery: DeliveryMetrics;

  /** `journalFile`: whose size is told, with that of its log. */
  constructor(journalFile: string, version: string) {
    const inFlight = this.#inFlight;
    this.#all.gauge(
      'frames_in_flight',
      'received = inferred + dropped + skipped + failed + this.',
      [],
      (gauge) => gauge.set([...inFlight.values()].reduce((sum, count) => sum + count, 0)),
    );
    this.delivery = new DeliveryMetrics(this.#all, journalFile);
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
      decoder: (decoder) => this.decoding(stream, decoder),
      openSegments: (count) => this.#openSegments.set({ stream }, count),
      decodeError: () => this.#decodeErrors.inc({ stream }),
      unread: () => {
        // a picture that could not even be read: no memory was free for it
        this.#received.inc({ stream });
        this.#dropped.inc({ stream, reason: 'overflow' });
      },
    };
  }

  /** What decodes a stream from now on. */
  decoding(stream: string, decoder: Decoder): void {
    for (const one of DECODERS) if (one !== decoder) this.#decoder.remove({ stream, decoder: one });
    this.#decoder.set({ stream, decoder }, 1);
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

  /** In place of what ran before. */
  running(model: ModelInfo, { requested, effective, device }: TaggerHost['provider']): void {
    const { name, version, sha256 } = model;
    for (const gauge of [this.#model, this.#provider]) gauge.reset();
    this.#model.set({ name, version, sha256 }, 1);
    this.#provider.set({ requested, effective, device }, 1);
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

  #receive(stream: string): void {
    this.#received.inc({ stream });
    this.#inFlight.set(stream, (this.#inFlight.get(stream) ?? 0) + 1);
  }

  #settle(stream: string): void {
    this.#inFlight.set(stream, (this.#inFlight.get(stream) ?? 0) - 1);
  }
}
