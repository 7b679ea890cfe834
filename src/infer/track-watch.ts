import type { Scores, SourceEnd } from '../types.js';
import type { LabelStanding } from './smoother.js';

/** What a track has just observed; good only for the call that brings it. */
export interface Observation {
  readonly atMs: number;
  /** No frame of its own: the picture of the last one is still on show. */
  readonly isHeld: boolean;
  /** Raw. */
  readonly scores: Scores;
  /** By the label's index. */
  readonly standingOf: (label: number) => LabelStanding;
}

/** Told everything that a track goes by, in its order. */
export interface TrackWatch {
  observed(observation: Observation): void;
  /** Nothing could be seen between the two for too long: nothing is left open, and averages begin anew. */
  blind(fromMs: number, toMs: number): void;
  /** The stream ended at this media time; `cause` as of its source. Never told when the run breaks off. */
  ended(durationMs: number, cause: SourceEnd['cause']): void;
}
