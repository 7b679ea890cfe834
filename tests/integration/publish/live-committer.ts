import { EventWriter } from '../../../src/publish/event-writer.js';
import type { JournalHandle } from '../../../src/publish/journal.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import type { StreamIdentity } from '../../../src/types.js';
import { ended, eventContext, started } from '../../unit/publish/samples.js';

export const MINUTE_MS = 60_000;

/** A clock that goes as it is told. */
export class SetClock {
  ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  readonly now = (): number => this.ms;
}

/**
 * A camera, as the journal sees it: `online`, then in each minute a segment of 20 s with its two events, and a block of scores;
 * each minute is committed at its end by the clock.
 */
export class LiveCommitter {
  readonly epoch: string;
  readonly #journal: JournalHandle;
  readonly #identity: StreamIdentity;
  readonly #clock: SetClock;
  readonly #writer: EventWriter;
  #minute = 0;

  private constructor(journal: JournalHandle, identity: StreamIdentity, clock: SetClock) {
    this.epoch = identity.epoch;
    this.#journal = journal;
    this.#identity = identity;
    this.#clock = clock;
    this.#writer = new EventWriter(
      { ...eventContext('gate'), identity },
      { nextSequence: 1, openSegments: [] },
    );
  }

  static async open(
    journal: JournalHandle,
    {
      streamId,
      epoch,
      clock,
    }: { readonly streamId: string; readonly epoch: string; readonly clock: SetClock },
  ): Promise<LiveCommitter> {
    const identity: StreamIdentity = {
      streamId,
      epoch,
      kind: 'live',
      sourceUri: `rtsp://10.0.0.5/${streamId}`,
      clock: 'receive',
      startTimeMs: clock.ms,
      tags: {},
    };
    await journal.openEpoch(identity);
    const committer = new LiveCommitter(journal, identity, clock);
    await committer.state('online');
    return committer;
  }

  async state(state: 'online' | 'offline'): Promise<void> {
    const event = toStreamEvent('default', { ...this.#identity, state }, this.#clock.ms);
    const nothing = { segments: [], scores: [], checkpoint: null };
    await this.#journal.commit({ epoch: this.epoch, events: [event], ...nothing });
  }

  /** Nothing is seen for so long. */
  skip(minutes: number): void {
    this.#minute += minutes;
    this.#clock.ms += minutes * MINUTE_MS;
  }

  /** `isOpen`: the segment of the last minute does not end. */
  async minutes(count: number, isOpen = false): Promise<void> {
    for (let n = 1; n <= count; n++) await this.#commit(isOpen && n === count);
  }

  async #commit(isOpen: boolean): Promise<void> {
    const startMs = this.#minute * MINUTE_MS;
    const ends = isOpen ? [] : [ended(0, startMs, startMs + 20_000)];
    this.#clock.ms += MINUTE_MS;
    const { events, segments } = this.#writer.write([started(0, startMs), ...ends], this.#clock.ms);
    const minute = this.#minute++;
    const checkpoint = {
      lastMs: startMs + MINUTE_MS - 200,
      frameHash: minute,
      nextSequence: this.#writer.nextSequence,
      smoother: {},
    };
    const scores = [{ minute, timesMs: [startMs], curves: new Map([[0, Float32Array.of(0.5)]]) }];
    await this.#journal.commit({ epoch: this.epoch, events, segments, scores, checkpoint });
  }
}
