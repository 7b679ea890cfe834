import { InferError, IngestError } from '../errors.js';
import type { Scores, ScoredFrame, SmootherState, Smoothing, SourceEnd, Transition } from '../types.js';
import { type OpenSegment, Smoother } from './smoother.js';
import { readStoredTrack, type StoredTrack } from './smoother-state.js';

/** No picture stays for a day: such a jump is a broken time stamp, and holding through it could take minutes. */
const MAX_HOLE_MS = 24 * 3_600_000;

/** What a track must know of its stream; `fps`: frames scored per second, `labelCount`: scores per frame. */
export interface TrackOptions {
  readonly kind: 'file';
  readonly fps: number;
  readonly smoothing: Smoothing;
  readonly labelCount: number;
}

const NOTHING: readonly Transition[] = Object.freeze([]);

/**
 * The labels of one file along its media time: says what the smoother observes between, instead of and after
 * frames. A picture is on show until the next one, so its scores are taken again every 1/fps until then, at
 * ptsMs + round(k × 1000 / fps), and count as observed. Only a hole with damage in it that is longer than
 * max(gapTolerance, 3/fps) is a gap. A track built from another's `state()` goes on bit for bit as that one would.
 */
export class Track {
  readonly #fps: number;
  readonly #gapMs: number;
  readonly #smoother: Smoother;
  readonly #shown: Scores;
  #made: Transition[] = [];
  #durationMs = 0;

  /** Throws InferError when `state` was not written by a track of as many labels. */
  constructor({ fps, smoothing, labelCount }: TrackOptions, state?: SmootherState) {
    if (smoothing.thresholds.length !== labelCount) {
      throw new InferError(
        `${labelCount} labels are scored but ${smoothing.thresholds.length} have thresholds`,
      );
    }
    const stored = state === undefined ? undefined : readStoredTrack(state, labelCount);
    this.#fps = fps;
    this.#gapMs = Math.max(smoothing.gapToleranceMs, 3000 / fps);
    this.#smoother = new Smoother(smoothing, stored?.smoother);
    this.#shown = stored ? Float32Array.from(stored.shown) : new Float32Array(labelCount);
  }

  /**
   * The transitions a frame makes sure, in the order they became sure; the scores are copied. Throws InferError, and
   * stays as it was, when the frame is earlier than the one before or its scores are not one number per label.
   */
  observe(frame: ScoredFrame): readonly Transition[] {
    const { ptsMs, scores } = frame;
    this.#check(frame);
    const into = this.#made;
    const lastMs = this.#smoother.lastMs;
    if (lastMs !== null && frame.damaged && ptsMs - lastMs > this.#gapMs) this.#smoother.gap(ptsMs, into);
    else if (lastMs !== null) this.#hold(lastMs, ptsMs, into);
    this.#shown.set(scores);
    this.#smoother.observe(ptsMs, this.#shown, into);
    if (into.length === 0) return NOTHING;
    this.#made = [];
    return into;
  }

  /**
   * The transitions that the source's end brings; to be called once. Segments end with the file; in a file cut short
   * (`corrupt`) they end as before a gap, since what came after the last frame was never seen.
   */
  finish(end: SourceEnd): readonly Transition[] {
    const into: Transition[] = [];
    this.#durationMs = this.#endOf(end);
    if (end.cause === 'corrupt') this.#smoother.gap(this.#durationMs, into);
    else this.#smoother.end(this.#durationMs, into);
    return into;
  }

  /** Media time at which the finished stream ended: the duration, but no more than 1/fps after the last frame. */
  get durationMs(): number {
    return this.#durationMs;
  }

  /** The segments open after the last frame, by label index. */
  openSegments(): readonly OpenSegment[] {
    return this.#smoother.openSegments();
  }

  /** Plain JSON from which a new track goes on. */
  state(): SmootherState {
    const stored: StoredTrack = {
      version: 1,
      shown: Array.from(this.#shown),
      smoother: this.#smoother.stored(),
    };
    return { ...stored };
  }

  #hold(lastMs: number, untilMs: number, into: Transition[]): void {
    for (let k = 1; ; k++) {
      const atMs = lastMs + Math.round((k * 1000) / this.#fps);
      // nearer to the next frame than half an interval: that frame itself is the observation. Sampling picks frames of
      // the source's own rate, so at 24 frames/s neighbours are 208 ms apart at 5/s; a hold at 200 would leave the
      // new picture's score a weight of almost nothing (its label started 150 ms later)
      if (atMs + 500 / this.#fps > untilMs) return;
      this.#smoother.observe(atMs, this.#shown, into);
    }
  }

  // A stated duration that the last frame disproves (headers are cut to 10 ms) is no duration.
  #endOf({ durationMs }: SourceEnd): number {
    const lastMs = this.#smoother.lastMs;
    if (lastMs === null) return durationMs ?? 0;
    const shownUntilMs = lastMs + Math.round(1000 / this.#fps);
    return durationMs === null || durationMs <= lastMs ? shownUntilMs : Math.min(durationMs, shownUntilMs);
  }

  #check({ ptsMs, scores }: ScoredFrame): void {
    const lastMs = this.#smoother.lastMs;
    if (lastMs !== null && ptsMs < lastMs) {
      throw new InferError(`a frame at ${ptsMs} ms came after the one at ${lastMs} ms`, {
        remedy: 'write the file anew with ordered times: ffmpeg -i IN -c copy OUT',
      });
    }
    if (lastMs !== null && ptsMs - lastMs > MAX_HOLE_MS) {
      throw new IngestError('corrupt', `the time jumps from ${lastMs} ms to ${ptsMs} ms`, {
        remedy: 'write the file anew with true times: ffmpeg -i IN -c copy OUT',
      });
    }
    let sum = 0;
    for (let label = 0; label < scores.length; label++) sum += scores[label]!;
    if (scores.length === this.#shown.length && Number.isFinite(sum)) return;
    throw new InferError(
      `the model did not give ${this.#shown.length} numbers for the frame at ${ptsMs} ms`,
      {
        remedy: '`labelcast doctor` checks the model',
      },
    );
  }
}
