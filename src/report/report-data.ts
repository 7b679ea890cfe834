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
  readonly state: 'completed' | 'failed' | 'open';
  /** Why it failed, in words; null when it did not. */
  readonly failure: string | null;
  /** Where nothing could be seen. */
  readonly gaps: readonly Span[];
  readonly labels: readonly ReportLabel[];
  readonly thumbnails: Thumbnails | null;
  /** When scores were taken, as steps from one to the next, the first from 0; empty when no curve was kept. */
  readonly scoreSteps: readonly number[];
}

/** Whether the name of a source is the address of something on a network, not of a file here. */
export function isAddress(name: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(name);
}

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A label with at least one segment, longest total first. */
export interface ReportLabel {
  readonly label: string;
  readonly enter: number;
  readonly exit: number;
  readonly segments: readonly ReportSegment[];
  /** Raw scores at the times of `scoreSteps`, a byte each (255 is 1), in base64; null when none were kept. */
  readonly scores: string | null;
}

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
