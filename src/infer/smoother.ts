import type { Scores, Smoothing, Transition, TransitionPhase, TransitionReason } from '../types.js';
import type { StoredSmoother } from './smoother-state.js';

/** A label that holds at the moment; scores and frames over [startMs, now]. */
export interface OpenSegment {
  readonly label: number;
  readonly startMs: number;
  readonly score: { readonly peak: number; readonly mean: number };
  readonly frames: { readonly observed: number; readonly expected: number };
}

/** `pending`: reached enter and not yet for long enough; `closing`: fell below exit and not yet for long enough. */
export type LabelPhase = (typeof PHASES)[number];

/** Where a label stands after an observation. */
export interface LabelStanding {
  /** The moving average. */
  readonly average: number;
  readonly phase: LabelPhase;
}

const OFF = 0;
const PENDING = 1;
const ON = 2;
const CLOSING = 3;
const PHASES = ['off', 'pending', 'on', 'closing'] as const;

/** An open live segment is confirmed each time this much media time has passed since its start. */
const HEARTBEAT_MS = 30_000;

/**
 * The normative smoothing of one stream's labels in media time: a moving average by half-life, two thresholds, the
 * least time on and the least time off. It knows observations, gaps and the end; what counts as each is its caller's
 * rule. Transitions are appended to the caller's list: ended, updated, started, each by label index. `peak`, `mean` and
 * the frame counts of every transition run from startMs to the last observation, so those of `ended` include the
 * low scores that made the end sure.
 */
export class Smoother {
  readonly #halfLifeMs: number;
  readonly #minOnMs: number;
  readonly #minOffMs: number;
  readonly #enter: Float64Array;
  readonly #exit: Float64Array;
  /** Of a live stream, whose open segments have heartbeats and may miss frames; null: a file. */
  readonly #toIntervalMs: (() => number) | null;
  #lastMs: number | null = null;
  readonly #smoothed: Float64Array;
  readonly #phase: Uint8Array;
  readonly #startMs: Float64Array;
  readonly #closeMs: Float64Array;
  readonly #peak: Float64Array;
  readonly #sum: Float64Array;
  readonly #observed: Float64Array;
  readonly #starting: number[] = [];

  /** `toIntervalMs`: how far apart the frames of a live stream are by now; null for a file. */
  constructor(smoothing: Smoothing, stored?: StoredSmoother, toIntervalMs: (() => number) | null = null) {
    this.#toIntervalMs = toIntervalMs;
    const count = smoothing.thresholds.length;
    this.#halfLifeMs = smoothing.halfLifeMs;
    this.#minOnMs = smoothing.minOnMs;
    this.#minOffMs = smoothing.minOffMs;
    this.#enter = Float64Array.from(smoothing.thresholds, ({ enter }) => enter);
    this.#exit = Float64Array.from(smoothing.thresholds, ({ exit }) => exit);
    this.#smoothed = new Float64Array(count);
    this.#phase = new Uint8Array(count);
    this.#startMs = new Float64Array(count);
    this.#closeMs = new Float64Array(count);
    this.#peak = new Float64Array(count);
    this.#sum = new Float64Array(count);
    this.#observed = new Float64Array(count);
    if (stored !== undefined) this.#restore(stored);
  }

  /** Time of the last observation; null before the first and after a gap. */
  get lastMs(): number | null {
    return this.#lastMs;
  }

  /** Where one label, by its index, stands after the last observation. */
  standingOf(label: number): LabelStanding {
    return { average: this.#smoothed[label]!, phase: PHASES[this.#phase[label]!]! };
  }

  /** Takes one raw score per label, observed at `atMs`, which is never before the last observation. */
  observe(atMs: number, scores: Scores, into: Transition[]): void {
    const lastMs = this.#lastMs;
    this.#score(atMs, scores, into);
    if (this.#toIntervalMs !== null && lastMs !== null) this.#beat(lastMs, atMs, into);
    this.#start(atMs, into);
  }

  /**
   * As `observe`, for the first frame after a restart: pending labels are dropped, the average begins anew, and what was
   * open goes on, said by an update each.
   */
  resume(atMs: number, scores: Scores, into: Transition[]): void {
    this.#lastMs = null;
    this.#smoothed.fill(0);
    for (const label of this.#labelsIn(PENDING)) this.#phase[label] = OFF;
    this.#score(atMs, scores, into);
    for (const label of this.#open())
      if (!this.#starting.includes(label)) into.push(this.#updated('resumed', label, atMs, atMs));
    this.#start(atMs, into);
  }

  #score(atMs: number, scores: Scores, into: Transition[]): void {
    const gain = this.#gainAt(atMs);
    this.#lastMs = atMs;
    const smoothed = this.#smoothed;
    const phase = this.#phase;
    const enter = this.#enter;
    for (let label = 0; label < smoothed.length; label++) {
      const raw = scores[label]!;
      const before = smoothed[label]!;
      const now = before + gain * (raw - before);
      smoothed[label] = now;
      if (phase[label] === OFF && now < enter[label]!) continue;
      this.#advance(label, scores, atMs, into);
    }
  }

  #start(atMs: number, into: Transition[]): void {
    if (this.#starting.length === 0) return;
    for (const label of this.#starting) into.push(this.#started(label, atMs));
    this.#starting.length = 0;
  }

  #beat(lastMs: number, atMs: number, into: Transition[]): void {
    for (let label = 0; label < this.#phase.length; label++) {
      if (!this.#isOpen(label) || this.#starting.includes(label)) continue;
      const startMs = this.#startMs[label]!;
      const first = Math.floor((lastMs - startMs) / HEARTBEAT_MS) + 1;
      for (let beatMs = startMs + first * HEARTBEAT_MS; beatMs <= atMs; beatMs += HEARTBEAT_MS)
        into.push(this.#updated('heartbeat', label, beatMs, atMs));
    }
  }

  /**
   * Nothing could be seen from the last observation on, as `confirmedMs` made sure: open segments end at the last
   * observation (or at their low score), pending ones are dropped, the average begins anew. A segment that had only
   * just started at the last observation ends 1 ms later: `endMs` is exclusive and that frame is part of it.
   */
  gap(confirmedMs: number, into: Transition[], reason: TransitionReason = 'gap'): void {
    const lastMs = this.#lastMs ?? confirmedMs;
    for (const label of this.#open()) {
      const onUntilMs = Math.max(lastMs, this.#startMs[label]! + 1);
      const endMs = this.#phase[label] === CLOSING ? this.#closeMs[label]! : onUntilMs;
      into.push(this.#transition('ended', reason, label, endMs, confirmedMs));
    }
    this.#reset();
  }

  /**
   * The stream ends at `endMs`: open segments end there (or at their low score); a pending one that lasted as long
   * as it could starts and ends. The order is: ends of open segments, starts, ends of those just started.
   */
  end(endMs: number, into: Transition[], reason: TransitionReason = 'end-of-stream'): void {
    for (const label of this.#open()) {
      const untilMs = this.#phase[label] === CLOSING ? this.#closeMs[label]! : endMs;
      into.push(this.#transition('ended', reason, label, untilMs, endMs));
    }
    const leastMs = Math.min(this.#minOnMs, endMs);
    const kept = this.#labelsIn(PENDING).filter((label) => endMs - this.#startMs[label]! >= leastMs);
    for (const label of kept) into.push(this.#started(label, endMs));
    for (const label of kept) into.push(this.#transition('ended', reason, label, endMs, endMs));
    this.#reset();
  }

  /** The segments that hold now, by label index; pending ones are not among them. */
  openSegments(): OpenSegment[] {
    return this.#open().map((label) => ({
      label,
      startMs: this.#startMs[label]!,
      score: this.#raw(label),
      frames: this.#frames(label, this.#lastMs ?? this.#startMs[label]!),
    }));
  }

  /** Everything needed to go on bit for bit; numbers survive JSON exactly. */
  stored(): StoredSmoother {
    const active = this.#labelsIn(PENDING, ON, CLOSING).map((label) => ({
      label,
      phase: this.#phase[label]!,
      startMs: this.#startMs[label]!,
      closeMs: this.#closeMs[label]!,
      peak: this.#peak[label]!,
      sum: this.#sum[label]!,
      observed: this.#observed[label]!,
    }));
    return { lastMs: this.#lastMs, smoothed: Array.from(this.#smoothed), active };
  }

  #restore(stored: StoredSmoother): void {
    this.#lastMs = stored.lastMs;
    this.#smoothed.set(stored.smoothed);
    for (const { label, phase, startMs, closeMs, peak, sum, observed } of stored.active) {
      this.#phase[label] = phase;
      this.#startMs[label] = startMs;
      this.#closeMs[label] = closeMs;
      this.#peak[label] = peak;
      this.#sum[label] = sum;
      this.#observed[label] = observed;
    }
  }

  #gainAt(atMs: number): number {
    if (this.#lastMs === null) return 1;
    const elapsedMs = atMs - this.#lastMs;
    // 0 / 0: with a half-life of 0 too, the average stands still while no time passes.
    return elapsedMs === 0 ? 0 : 1 - 2 ** (-elapsedMs / this.#halfLifeMs);
  }

  // the scores, as a number that is handed over may be made an object
  #advance(label: number, scores: Scores, atMs: number, into: Transition[]): void {
    const raw = scores[label]!;
    if (this.#phase[label] === OFF) this.#enterPending(label, atMs);
    this.#sum[label]! += raw;
    this.#observed[label]! += 1;
    if (raw > this.#peak[label]!) this.#peak[label] = raw;
    const isLow = this.#smoothed[label]! < this.#exit[label]!;
    if (this.#phase[label] === PENDING) this.#advancePending(label, isLow, atMs);
    else if (isLow) this.#advanceClosing(label, atMs, into);
    else this.#phase[label] = ON;
  }

  #enterPending(label: number, atMs: number): void {
    this.#phase[label] = PENDING;
    this.#startMs[label] = atMs;
    this.#peak[label] = 0;
    this.#sum[label] = 0;
    this.#observed[label] = 0;
  }

  #advancePending(label: number, isLow: boolean, atMs: number): void {
    if (isLow) {
      this.#phase[label] = OFF;
    } else if (atMs - this.#startMs[label]! >= this.#minOnMs) {
      this.#phase[label] = ON;
      this.#starting.push(label);
    }
  }

  #advanceClosing(label: number, atMs: number, into: Transition[]): void {
    if (this.#phase[label] === ON) {
      this.#phase[label] = CLOSING;
      this.#closeMs[label] = atMs;
    }
    if (atMs - this.#closeMs[label]! < this.#minOffMs) return;
    into.push(this.#transition('ended', 'threshold', label, this.#closeMs[label]!, atMs));
    this.#phase[label] = OFF;
  }

  #started(label: number, confirmedMs: number): Transition {
    return this.#transition('started', 'threshold', label, null, confirmedMs);
  }

  #updated(reason: 'heartbeat' | 'resumed', label: number, atMs: number, confirmedMs: number): Transition {
    return { ...this.#transition('updated', reason, label, null, confirmedMs), atMs };
  }

  #transition(
    phase: TransitionPhase,
    reason: TransitionReason,
    label: number,
    endMs: number | null,
    confirmedMs: number,
  ): Transition {
    const startMs = this.#startMs[label]!;
    const score = { current: this.#smoothed[label]!, ...this.#raw(label) };
    const frames = this.#frames(label, this.#lastMs ?? confirmedMs);
    return { phase, reason, label, startMs, endMs, atMs: endMs ?? startMs, confirmedMs, score, frames };
  }

  #raw(label: number): { peak: number; mean: number } {
    return { peak: this.#peak[label]!, mean: this.#sum[label]! / this.#observed[label]! };
  }

  // In a file a picture is on show until the next one, so every expected observation is made.
  #frames(label: number, nowMs: number): { observed: number; expected: number } {
    const observed = this.#observed[label]!;
    if (this.#toIntervalMs === null) return { observed, expected: observed };
    const expected = Math.round((nowMs - this.#startMs[label]!) / this.#toIntervalMs()) + 1;
    return { observed, expected: Math.max(observed, expected) };
  }

  #isOpen(label: number): boolean {
    return this.#phase[label]! >= ON;
  }

  #open(): number[] {
    return this.#labelsIn(ON, CLOSING);
  }

  #labelsIn(...phases: readonly number[]): number[] {
    const labels: number[] = [];
    this.#phase.forEach((phase, label) => {
      if (phases.includes(phase)) labels.push(label);
    });
    return labels;
  }

  // From a zeroed average, a gain of 1 gives the first raw score to the bit.
  #reset(): void {
    this.#lastMs = null;
    this.#smoothed.fill(0);
    this.#phase.fill(OFF);
  }
}
