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
import { toStreamEndEvent } from './stream-events.js';

/** Media time after which a file is checkpointed even when nothing happens in it. */
const CHECKPOINT_EVERY_MS = 10_000;

/** The smoother whose transitions are recorded, as far as a checkpoint and the end need it. */
export interface RecordedObserver {
  state(): SmootherState;
  /** Where the source ended, once it has. */
  readonly durationMs: number;
}

export interface EpochRecorderOptions {
  readonly journal: Journal;
  readonly context: EventContext;
  /** What the journal held of the epoch when it was opened. */
  readonly held: EpochState;
  readonly observer: RecordedObserver;
  readonly now?: () => number;
}

/**
 * Records one file's epoch: every transition with the checkpoint that belongs to it, in one transaction. At most one
 * transaction is under way; the stream goes on meanwhile, and waits when the next one is due before that. All methods
 * reject with PublishError once the journal has refused a transaction.
 */
export class EpochRecorder {
  readonly #options: EpochRecorderOptions;
  readonly #writer: EventWriter;
  readonly #curves: ScoreCurves;
  readonly #now: () => number;
  #last: { readonly ptsMs: number; readonly hash: number } | null;
  #checkpointMs: number;
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
  }

  async record(frame: ScoredFrame, transitions: readonly Transition[]): Promise<void> {
    this.#curves.add(frame.ptsMs, frame.scores);
    this.#last = { ptsMs: frame.ptsMs, hash: frame.hash };
    if (transitions.length === 0 && frame.ptsMs - this.#checkpointMs < CHECKPOINT_EVERY_MS) return;
    await this.#commit(transitions);
  }

  async finish(cause: StreamCause | null, transitions: readonly Transition[]): Promise<void> {
    const { context, observer } = this.#options;
    const { streamId, kind, sourceUri, epoch } = context.identity;
    const { durationMs } = observer;
    const written = this.#writer.write(transitions, this.#now());
    const events: LabelcastEvent[] = [...written.events];
    const end = { streamId, kind, sourceUri, epoch };
    if (cause === null) {
      events.push(this.#writer.complete(durationMs, this.#now()));
      events.push(toStreamEndEvent(context.deployment, { ...end, state: 'ended', durationMs }, this.#now()));
    } else {
      events.push(toStreamEndEvent(context.deployment, { ...end, state: 'failed', cause }, this.#now()));
    }
    const finished = cause === null ? 'completed' : 'failed';
    const rest = { segments: written.segments, scores: this.#curves.take(), checkpoint: this.#checkpoint() };
    await this.#underWay;
    await this.#options.journal.commit({ epoch, events, ...rest, finished });
  }

  async pause(): Promise<void> {
    await this.#commit([]);
    await this.#underWay;
  }

  async #commit(transitions: readonly Transition[]): Promise<void> {
    const { epoch } = this.#options.context.identity;
    const { events, segments } = this.#writer.write(transitions, this.#now());
    const checkpoint = this.#checkpoint();
    const scores = this.#curves.take();
    await this.#underWay;
    this.#checkpointMs = this.#last?.ptsMs ?? this.#checkpointMs;
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
