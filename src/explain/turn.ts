import type { Smoothing } from '../types.js';

/** What may happen to a label: `missed` is a start that enter did not allow, `dropped` one that did not last. */
export type TurnKind = 'missed' | 'reached' | 'began' | 'dropped' | 'fell' | 'recovered' | 'ended';

/** Something that happened to a label, in plain words. */
export interface Turn {
  readonly atMs: number;
  readonly kind: TurnKind;
  /** Raw, of the observation at that time; null: there is none, the clip is over or could not be seen. */
  readonly score: number | null;
  readonly average: number | null;
  readonly what: string;
  readonly why: string;
  /** What a picture says at this point; null: another point says it. */
  readonly note: string | null;
}

/** The times of smoothing, in milliseconds. */
export type SmoothingTimes = Pick<Smoothing, 'halfLifeMs' | 'minOnMs' | 'minOffMs'>;
