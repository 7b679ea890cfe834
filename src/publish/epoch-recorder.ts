import type { StreamCause } from '../errors.js';
import type {
  Checkpoint,
  EpochState,
  Journal,
  LabelcastEvent,
  ScoredFrame,
  SmootherState,
  Transition,
} from '../types.js';
import { type EventContext, EventWriter } from './event-writer.js';
import { ScoreCurves } from './score-curves.js';
import { type StreamStanding, toStreamEvent } from './stream-events.js';

/** Media time after which a stream is checkpointed even when nothing happens in it. */
const CHECKPOINT_EVERY_MS = { file: 10_000, live: 1000 } as const;

/**
 * What goes with a checkpoint while a stream is under way. Of a file all that is scored, since it is never scored again. Of a
 * camera the minutes that are over: the growing block, written each second, was two thirds of what a quiet one wrote to the disk.
 * A crash costs the curves of the open minute.
 */
const SCORES_UNDER_WAY = { file: 'take', live: 'takeFull' } as const;

/**
 * Wall time between the commits of a file, which nobody watches as it happens: each costs as much CPU time as half a frame's
 * scores.
 */
const FILE_COMMIT_EVERY_MS = 200;

/** The smoother whose transitions are recorded, as far as a checkpoint and the end need it. */
export interface RecordedObserver {
  state(): SmootherState;
  /** Where the source ended, once it has. */
  readonly durationMs: number;
}

/** How a stream stands, without what all its events say. */
export type Standing = Pick<StreamStanding, 'state' | 'cause' | 'durationMs'>;

export interface EpochRecorderOptions {
  readonly journal: Journal;
  readonly context: EventContext;
  /** What the journal held of the epoch when it was opened. */
  readonly held: EpochState;
  readonly observer: RecordedObserver;
  readonly now?: () => number;
}

/**
 * Records one stream's epoch: transitions with the checkpoint that belongs to them, in one transaction. At most one
 * transaction is under way; the stream goes on meanwhile, and waits when the next one is due before that. All methods
 * reject with PublishError once the journal has refused a transaction.
 */
export class EpochRecorder {
  readonly #options: EpochRecorderOptions;
  readonly #writer: EventWriter;
  readonly #curves: ScoreCurves;
  readonly #now: () => number;
  #last: { readonly ptsMs: number; readonly hash: number } | null;
  readonly #checkpointEveryMs: number;
  #checkpointMs: number;
  readonly #commitEveryMs: number;
  #committedAtMs = Number.NEGATIVE_INFINITY;
  /** Of the last stream event, since 1970. */
  #saidMs = 0;
  /** Not yet committed. */
  readonly #held: Transition[] = [];
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: EpochRecorderOptions) {
    const { context, held } = options;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#curves = new ScoreCurves(context.model.labels.length, held.scores);
    this.#writer = new EventWriter(context, {
      nextSequence: held.checkpoint?.nextSequence ?? 1,
      openSegments: held.openSegments,
    });
    this.#last =
      held.checkpoint === null ? null : { ptsMs: held.checkpoint.lastMs, hash: held.checkpoint.frameHash };
    this.#checkpointMs = this.#last?.ptsMs ?? 0;
    this.#checkpointEveryMs = CHECKPOINT_EVERY_MS[context.identity.kind];
    this.#commitEveryMs = context.identity.kind === 'file' ? FILE_COMMIT_EVERY_MS : 0;
  }

  async record(frame: ScoredFrame, transitions: readonly Transition[]): Promise<void> {
    this.#curves.add(frame.ptsMs, frame.scores);
    this.#last = { ptsMs: frame.ptsMs, hash: frame.hash };
    this.#held.push(...transitions);
    const isDue = this.#held.length > 0 || frame.ptsMs - this.#checkpointMs >= this.#checkpointEveryMs;
    if (!isDue || performance.now() - this.#committedAtMs < this.#commitEveryMs) return;
    await this.#commit([], SCORES_UNDER_WAY[this.#options.context.identity.kind]);
  }

  /** Live: what no frame brought, and how the stream stands since; resolves when it may go on. */
  async note(transitions: readonly Transition[], standing: Standing): Promise<void> {
    this.#held.push(...transitions);
    await this.#commit([this.#toStreamEvent(standing)]);
  }

  async finish(cause: StreamCause | null, transitions: readonly Transition[]): Promise<void> {
    const { context, observer } = this.#options;
    const { kind, epoch } = context.identity;
    const { durationMs } = observer;
    const written = this.#writer.write([...this.#held.splice(0), ...transitions], this.#now());
    const events: LabelcastEvent[] = [...written.events];
    if (cause === null) {
      if (kind === 'file') events.push(this.#writer.complete(durationMs, this.#now()));
      events.push(this.#toStreamEvent({ state: 'ended', durationMs }));
    } else {
      events.push(this.#toStreamEvent({ state: 'failed', cause }));
    }
    // the epoch of a live stream goes on when it is watched again
    const finished = kind === 'live' ? {} : ({ finished: cause === null ? 'completed' : 'failed' } as const);
    const rest = { segments: written.segments, scores: this.#curves.take(), checkpoint: this.#checkpoint() };
    await this.#underWay;
    await this.#options.journal.commit({ epoch, events, ...rest, ...finished });
  }

  async pause(): Promise<void> {
    await this.#commit();
    await this.#underWay;
  }

  #toStreamEvent(standing: Standing): LabelcastEvent {
    const { deployment, identity } = this.#options.context;
    const { streamId, kind, sourceUri, epoch } = identity;
    // Never two at one time: a stream event is told from others by its state and its time.
    this.#saidMs = Math.max(this.#now(), this.#saidMs + 1);
    return toStreamEvent(deployment, { streamId, kind, sourceUri, epoch, ...standing }, this.#saidMs);
  }

  async #commit(
    streamEvents: readonly LabelcastEvent[] = [],
    which: 'take' | 'takeFull' = 'take',
  ): Promise<void> {
    const { epoch } = this.#options.context.identity;
    const { events: labelEvents, segments } = this.#writer.write(this.#held.splice(0), this.#now());
    const events = [...labelEvents, ...streamEvents];
    const checkpoint = this.#checkpoint();
    const scores = this.#curves[which]();
    await this.#underWay;
    this.#checkpointMs = this.#last?.ptsMs ?? this.#checkpointMs;
    this.#committedAtMs = performance.now();
    this.#underWay = this.#options.journal.commit({ epoch, events, segments, scores, checkpoint });
    this.#underWay.catch(() => {}); // the next call reports it
  }

  #checkpoint(): Checkpoint | null {
    if (this.#last === null) return null;
    return {
      lastMs: this.#last.ptsMs,
      frameHash: this.#last.hash,
      nextSequence: this.#writer.nextSequence,
      smoother: this.#options.observer.state(),
    };
  }
}
