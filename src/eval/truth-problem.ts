import { ConfigError } from '../errors.js';
import type { LabelSpan, Truth } from './truth.js';

/** A segment and where its file has it: `line 3`, `cue at 2.500 s`, `segments[4]`. */
export interface PlacedSpan extends LabelSpan {
  readonly at: string;
}

/** What a file says, whether that makes sense or not. */
export interface PlacedTruth extends Truth {
  readonly segments: readonly PlacedSpan[];
  readonly optional: readonly PlacedSpan[];
}

/** A file that is not what its name says. */
export function refuseTruth(file: string, issues: readonly string[], cause?: unknown): ConfigError {
  return new ConfigError(`${file} is not a truth file`, issues, {
    remedy: 'correct the places named; docs/eval.md shows how truth is written',
    cause,
  });
}

/** Media time as messages have it: `3.200 s`. */
export function toSecondsText(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
