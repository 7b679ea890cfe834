import { InferError, IngestError } from '../errors.js';
import type {
  Scores,
  ScoredFrame,
  SmootherState,
  Smoothing,
  SourceEnd,
  StreamKind,
  Transition,
  TransitionReason,
} from '../types.js';
import { FrameInterval } from './frame-interval.js';
import { type LabelStanding, type OpenSegment, Smoother } from './smoother.js';
import { type BlindSpan, readStoredTrack, type StoredTrack } from './smoother-state.js';
import type { TrackWatch } from './track-watch.js';

/** No picture stays for a day: such a jump is a broken time stamp, and holding through it could take minutes. */
const MAX_HOLE_MS = 24 * 3_600_000;

/** What is waited beyond the gap tolerance before a live stream counts as blind: a frame may be on its way. */
const ON_ITS_WAY_MS = 1000;

/** A file damaged more often remembers only where it was first. */
const MAX_BLIND_SPANS = 1000;

/** What a track must know of its stream; `fps`: frames scored per second, `labelCount`: scores per frame. */
export interface TrackOptions {
  readonly kind: StreamKind;
  /** Live: a track built from another's state continues its segments when a frame comes within this time. */
  readonly resumeToleranceMs?: number;
  readonly fps: number;
  /** Frames come as far apart as the source's key frames. */
  readonly keyframesOnly?: boolean;
  readonly smoothing: Smoothing;
  readonly labelCount: number;
  readonly watch?: TrackWatch | undefined;
}

const NOTHING: readonly Transition[] = Object.freeze([]);

/**
 * The labels of one stream along its media time: says what the smoother observes between, instead of and after
 * frames. In a file a picture is on show until the next one, so its scores are taken again every 1/fps until then, at
 * ptsMs + round(k × 1000 / fps), and count as observed; only a hole with damage in it that is longer than
 * max(gapTolerance, 3 × the expected interval) is a gap. On a live stream nothing is held and every such hole is a gap. A
 * file's track built from another's `state()` goes on bit for bit as that one would; a live one has missed what came between.
 */
export class Track {
  readonly #kind: StreamKind;
  readonly #fps: number;
  readonly #resumeToleranceMs: number;
  readonly #gapToleranceMs: number;
  readonly #interval: FrameInterval;
  readonly #smoother: Smoother;
  readonly #shown: Scores;
  readonly #blindSpans: BlindSpan[];
  readonly #watch: TrackWatch | undefined;
  // not made for each observation: that would cost memory with every frame, also where nobody watches
  readonly #standingOf = (label: number): LabelStanding => this.#smoother.standingOf(label);
  #made: Transition[] = [];
  #durationMs = 0;
  #isResuming: boolean;
  #gaps = 0;

  /** Throws InferError when `state` was not written by a track of as many labels. */
  constructor(options: TrackOptions, state?: SmootherState) {
    const { kind, fps, keyframesOnly = false, smoothing, labelCount, resumeToleranceMs = 0 } = options;
    if (smoothing.thresholds.length !== labelCount) {
      throw new InferError(
        `${labelCount} labels are scored but ${smoothing.thresholds.length} have thresholds`,
      );
    }
    const stored = state === undefined ? undefined : readStoredTrack(state, labelCount);
    this.#kind = kind;
    this.#watch = options.watch;
    this.#fps = fps;
    this.#resumeToleranceMs = resumeToleranceMs;
    this.#isResuming = kind === 'live' && stored !== undefined;
    this.#gapToleranceMs = smoothing.gapToleranceMs;
    const lastMs = kind === 'live' ? null : stored?.smoother.lastMs;
    this.#interval = new FrameInterval({ kind, fps, keyframesOnly }, stored?.intervals, lastMs);
    const toIntervalMs = () => this.#interval.ms ?? 1000 / fps;
    this.#smoother = new Smoother(smoothing, stored?.smoother, kind === 'live' ? toIntervalMs : null);
    this.#shown = new Float32Array(labelCount);
    if (stored !== undefined) this.#shown.set(stored.shown);
    this.#blindSpans = [...(stored?.blind ?? [])];
  }

  /**
   * The transitions a frame makes sure, in the order they became sure; the scores are copied. Throws InferError, and
   * stays as it was, when the frame is earlier than the one before or its scores are not one number per label.
   */
  observe(frame: ScoredFrame): readonly Transition[] {
    const { ptsMs, scores } = frame;
    this.#check(frame);
    const into = this.#made;
    this.#bridge(frame, into);
    this.#interval.observe(frame);
    this.#shown.set(scores);
    if (this.#isResuming) this.#smoother.resume(ptsMs, this.#shown, into);
    else this.#smoother.observe(ptsMs, this.#shown, into);
    this.#isResuming = false;
    this.#tell(ptsMs, false);
    if (into.length === 0) return NOTHING;
    this.#made = [];
    return into;
  }

  /**
   * Live: what the passing of time brings when no frame comes; `nowMs` in media time. Once the stream has been blind for
   * too long its segments end at the last frame, and the next one begins anew.
   */
  tick(nowMs: number): readonly Transition[] {
    const lastMs = this.#smoother.lastMs;
    if (lastMs === null || nowMs - lastMs <= this.#gapMs + ON_ITS_WAY_MS) return NOTHING;
    const into: Transition[] = [];
    this.#blind(nowMs, into);
    return into;
  }

  /** How often the stream was blind for longer than tolerated. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Ends what is open at the last frame, for a reason that is not in the pictures; pending labels are dropped. */
  cut(reason: TransitionReason, nowMs: number): readonly Transition[] {
    const into: Transition[] = [];
    this.#smoother.gap(nowMs, into, reason);
    this.#isResuming = false;
    return into;
  }

  /**
   * The transitions that the source's end brings; to be called once. Segments end with the file; in a file cut short
   * (`corrupt`) they end as before a gap, since what came after the last frame was never seen.
   */
  finish(end: SourceEnd, reason?: 'end-of-stream' | 'shutdown'): readonly Transition[] {
    const into: Transition[] = [];
    this.#durationMs = this.#endOf(end);
    if (end.cause === 'corrupt') this.#smoother.gap(this.#durationMs, into);
    else this.#smoother.end(this.#durationMs, into, reason);
    this.#watch?.ended(this.#durationMs, end.cause);
    return into;
  }

  /** Media time at which the finished stream ended: the duration, but no more than the interval after the last frame. */
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
      // a live stream shows nothing again
      shown: this.#kind === 'live' ? [] : Array.from(this.#shown),
      smoother: this.#smoother.stored(),
      ...(this.#blindSpans.length === 0 ? {} : { blind: [...this.#blindSpans] }),
      ...(this.#interval.measured.length === 0 ? {} : { intervals: [...this.#interval.measured] }),
    };
    return { ...stored };
  }

  /** What is observed, or missed, between the last frame and this one. */
  #bridge({ ptsMs, damaged }: ScoredFrame, into: Transition[]): void {
    const lastMs = this.#smoother.lastMs;
    if (lastMs === null) return;
    const isFile = this.#kind === 'file';
    if (ptsMs - lastMs > this.#gapMs && (damaged || !isFile)) {
      if (isFile && this.#blindSpans.length < MAX_BLIND_SPANS) this.#blindSpans.push([lastMs, ptsMs]);
      this.#blind(ptsMs, into);
      return;
    }
    if (isFile) this.#hold(lastMs, ptsMs, into);
  }

  /** How long nothing may be seen. */
  get #gapMs(): number {
    return this.#isResuming ? this.#resumeToleranceMs : this.#interval.toGapMs(this.#gapToleranceMs);
  }

  #tell(atMs: number, isHeld: boolean): void {
    this.#watch?.observed({
      atMs,
      isHeld,
      scores: this.#shown,
      standingOf: this.#standingOf,
    });
  }

  #blind(confirmedMs: number, into: Transition[]): void {
    this.#watch?.blind(this.#smoother.lastMs ?? confirmedMs, confirmedMs);
    this.#smoother.gap(confirmedMs, into);
    this.#isResuming = false;
    this.#gaps += 1;
  }

  #hold(lastMs: number, untilMs: number, into: Transition[]): void {
    for (let k = 1; ; k++) {
      const atMs = lastMs + Math.round((k * 1000) / this.#fps);
      // nearer to the next frame than half an interval: that frame itself is the observation. Sampling picks frames of
      // the source's own rate, so at 24 frames/s neighbours are 208 ms apart at 5/s; a hold at 200 would leave the
      // new picture's score a weight of almost nothing (its label started 150 ms later)
      if (atMs + 500 / this.#fps > untilMs) return;
      this.#smoother.observe(atMs, this.#shown, into);
      this.#tell(atMs, true);
    }
  }

  // A stated duration that the last frame disproves (headers are cut to 10 ms) is no duration.
  #endOf({ durationMs }: SourceEnd): number {
    const lastMs = this.#smoother.lastMs;
    if (lastMs === null) return durationMs ?? 0;
    const leastMs = lastMs + Math.round(1000 / this.#fps);
    if (durationMs === null || durationMs <= lastMs) return leastMs;
    const { longestMs } = this.#interval;
    // of a clip with a single key frame nothing says how long that stands
    if (longestMs === null) return durationMs;
    return Math.min(durationMs, Math.max(leastMs, lastMs + Math.round(longestMs)));
  }

  #check({ ptsMs, scores }: ScoredFrame): void {
    const lastMs = this.#smoother.lastMs;
    if (lastMs !== null && ptsMs < lastMs) {
      throw new InferError(`a frame at ${ptsMs} ms came after the one at ${lastMs} ms`, {
        remedy: 'write the file anew with ordered times: ffmpeg -i IN -c copy OUT',
      });
    }
    if (this.#kind === 'file' && lastMs !== null && ptsMs - lastMs > MAX_HOLE_MS) {
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
