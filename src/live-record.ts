import { InferError, type StreamCause } from './errors.js';
import type { Track } from './infer/track.js';
import type { LiveStop, LiveStreamListener } from './live-stream.js';
import type { LiveRecorder } from './pipeline.js';
import type { EpochRecorder, Standing } from './publish/epoch-recorder.js';
import type { ConnectionState, ScoredFrame, Transition } from './types.js';

interface LiveRecordOptions {
  readonly track: Track;
  readonly recorder: EpochRecorder;
  readonly listener: LiveStreamListener;
  readonly streamId: string;
  /** Media time now. */
  readonly nowMs: () => number;
  /** No frame will ever be scored again. */
  readonly isTaggerLost: () => boolean;
}

/**
 * What happens to one live stream, in one order: frames, connections and the passing of time become label and stream
 * events, each durable before the next. Rejects with PublishError once the journal takes no more; `tick` with InferError
 * when the tagger is lost for good.
 */
export class LiveRecord implements LiveRecorder {
  readonly #options: LiveRecordOptions;
  #state: ConnectionState | 'gap' | null = null;
  #cause: StreamCause | undefined;
  /** A tick waits for its turn. */
  #isTicking = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: LiveRecordOptions) {
    this.#options = options;
  }

  observe(frame: ScoredFrame): Promise<void> {
    return this.#next(async () => {
      const { track, recorder, listener, streamId } = this.#options;
      const gaps = track.gaps;
      // first what the frame brought: every commit holds a checkpoint of the track as it is now
      await recorder.record(frame, track.observe(frame));
      listener.advanced?.(streamId, frame.ptsMs);
      if (track.gaps > gaps) await this.#stand('gap', []);
      if (this.#state === 'gap') await this.#stand('online', []);
      listener.openSegments?.(track.openSegments().length);
    });
  }

  tick(): Promise<void> {
    if (this.#options.isTaggerLost())
      return Promise.reject(new InferError('the tagger cannot be started again', LOST));
    if (this.#isTicking) return this.#last;
    this.#isTicking = true;
    // the time of the call: frames that wait behind a slow disk are not late
    const atMs = this.#options.nowMs();
    return this.#next(async () => {
      this.#isTicking = false;
      const { track, listener } = this.#options;
      const gaps = track.gaps;
      const transitions = track.tick(atMs);
      if (track.gaps === gaps) return;
      await this.#stand('gap', transitions);
      listener.openSegments?.(0);
    });
  }

  /** Repeated attempts that fail in the same way become one event. */
  connection(
    state: ConnectionState,
    problem?: { readonly cause: StreamCause; readonly message: string; readonly remedy?: string | undefined },
  ): void {
    const isNews =
      state === 'offline'
        ? this.#state !== 'offline' || problem?.cause !== this.#cause
        : state === 'online' || this.#state === null;
    const { listener } = this.#options;
    listener.connection?.(state, problem);
    if (!isNews) return;
    listener.changed?.(state, problem);
    this.#state = state;
    this.#cause = problem?.cause;
    void this.#next(() => this.#options.recorder.note([], toStanding(state, problem?.cause))).catch(() => {});
  }

  /** The stream is no longer watched. */
  finish(stop: LiveStop): Promise<void> {
    return this.#next(async () => {
      const { track, recorder } = this.#options;
      if (stop === 'pause') {
        // readers of the compacted topic see its last state for as long as nobody watches
        if (this.#state !== 'offline') await recorder.note([], { state: 'offline' });
        return recorder.pause();
      }
      const transitions = track.finish({ durationMs: null, cause: null }, stop);
      await recorder.finish(null, transitions);
    });
  }

  /** The source cannot be used, or no longer. */
  fail(cause: StreamCause): Promise<void> {
    return this.#next(async () => {
      const { track, recorder, nowMs } = this.#options;
      await recorder.finish(cause, track.cut('gap', nowMs()));
    });
  }

  async #stand(state: 'gap' | 'online', transitions: readonly Transition[]): Promise<void> {
    this.#state = state;
    this.#options.listener.connection?.(state);
    this.#options.listener.changed?.(state);
    await this.#options.recorder.note(transitions, toStanding(state));
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done;
    done.catch(() => {}); // whoever asked for it gets the error, and so does the next one
    return done;
  }
}

const LOST = {
  remedy: 'start again to go on from there; `labelcast doctor` checks the model and the provider',
  retryable: true,
};

function toStanding(state: Standing['state'], cause?: StreamCause): Standing {
  return cause === undefined ? { state } : { state, cause };
}
