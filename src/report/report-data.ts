import type { LabelPhase } from '../infer/smoother.js';
import type { Turn } from '../explain/turn.js';

/**
 * What a report shows, as JSON. Times are whole milliseconds of media from the start of the stream; an end is exclusive.
 * Grows only by fields that may be missing.
 */
export interface ReportData {
  readonly version: 1;
  /** When it was made, RFC 3339. */
  readonly made: string;
  /** Of labelcast. */
  readonly generator: string;
  readonly model: string;
  readonly sources: readonly ReportSource[];
}

export interface ReportSource {
  readonly streamId: string;
  /** As people know it: a path or a URL without credentials. */
  readonly name: string;
  readonly kind: 'file' | 'live';
  /** Where the picture can be had, relative to the report or absolute, percent-encoded; null when the file is gone or the stream is live. */
  readonly video: string | null;
  readonly durationMs: number;
  /** UTC of 0 ms, RFC 3339; null when unknown. */
  readonly startTime: string | null;
  /** What was before, RFC 3339, the journal has removed with age; missing: nothing. */
  readonly wholeFromTime?: string;
  readonly state: 'completed' | 'failed' | 'open';
  /** Why it failed, in words; null when it did not. */
  readonly failure: string | null;
  /** Where nothing could be seen. */
  readonly gaps: readonly Span[];
  readonly labels: readonly ReportLabel[];
  readonly thumbnails: Thumbnails | null;
  /** When scores were taken, as steps from one to the next, the first from 0; empty when no curve was kept. */
  readonly scoreSteps: readonly number[];
  /** How many neighbouring frames a score, or an average, is the highest of, at most; missing: one. */
  readonly framesPerScore?: number;
  /** Of a file; missing when the journal does not say. */
  readonly smoothing?: ReportSmoothing;
  /** Labels without a segment that came near to one, nearest first. */
  readonly nearLabels?: readonly ReportLabel[];
}

/** Milliseconds of media; `fps`: frames scored per second. */
export interface ReportSmoothing {
  readonly fps: number;
  readonly halfLifeMs: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
}

/** Whether the name of a source is the address of something on a network, not of a file here. */
export function isAddress(name: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(name);
}

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A label; those with at least one segment come longest total first. */
export interface ReportLabel {
  readonly label: string;
  readonly enter: number;
  readonly exit: number;
  readonly segments: readonly ReportSegment[];
  /** Raw scores at the times of `scoreSteps`, a byte each (255 is 1), in base64; null when none were kept. */
  readonly scores: string | null;
  /** Missing when it cannot be told from what was kept. */
  readonly explanation?: ReportExplanation;
}

/** Why the segments of a label began, or did not. */
export interface ReportExplanation {
  readonly summary: string;
  /** The moving average at the times of `scoreSteps`, as `scores`. */
  readonly averages: string;
  /** Its states by time, a letter of `STATES` each, and steps from the start of one to the start of the next, the first from 0. */
  readonly states: string;
  readonly stateSteps: readonly number[];
  /** What happened to it, by time; null: too much to be told. */
  readonly turns: readonly Turn[] | null;
}

/** Letters of states; `-`: nothing could be seen. */
export const STATES: ReadonlyMap<string, LabelPhase | null> = new Map([
  ['o', 'off'],
  ['p', 'pending'],
  ['n', 'on'],
  ['c', 'closing'],
  ['-', null],
]);

export interface ReportSegment extends Span {
  /** 0 to 1, of raw scores. */
  readonly peak: number;
  readonly mean: number;
  /** Still open when the report was made. */
  readonly isOpen: boolean;
}

/** One picture with a tile for each time, left to right, then down. */
export interface Thumbnails {
  /** `data:` URL of a JPEG or WebP. */
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly timesMs: readonly number[];
}
