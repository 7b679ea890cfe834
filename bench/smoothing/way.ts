import type { ToldSegment } from '../../src/calibrate/scored-clip.js';
import type { Thresholds } from '../../src/types.js';
import type { Trace } from '../truth/trace.js';

/** The settings of a way, by name. */
export type Settings = Readonly<Record<string, number>>;

/** What a setting may be; `log`: ratios are as likely as one another. Whole numbers where both ends are, and `isWhole`. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly isLog?: boolean;
  readonly isWhole?: boolean;
}

/** One way of making segments of raw scores. */
export interface Way {
  readonly name: string;
  /** From which the tuner draws. */
  readonly ranges: Readonly<Record<string, Range>>;
  /** What is drawn first, so that no way is worse than its usual settings. */
  readonly usual: Settings;
  /** `thresholds`: the model's, per label in the order of the scores. */
  segments(trace: Trace, thresholds: readonly Thresholds[], settings: Settings): ToldSegment[];
}
