import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import { PublishError } from '../errors.js';
import { toErrorCode } from './error-code.js';
import { toUtc } from './event-writer.js';
import type { SourcedSegment } from './segment-row.js';

const COLUMNS = [
  'path',
  'stream',
  'source',
  'label',
  'startMs',
  'endMs',
  'start',
  'end',
  'durationMs',
  'peak',
  'mean',
  'startReason',
  'endReason',
  'segmentId',
  'startTime',
  'endTime',
];

/** A segment, and where its file lies: absolute path or URL. */
export interface LocatedSegment extends SourcedSegment {
  readonly path: string;
}

/** Segments as CSV (RFC 4180, one header line) in the order given; what an open segment lacks is empty. */
export function toSegmentsCsv(segments: readonly LocatedSegment[]): string {
  return toCsv([COLUMNS, ...segments.map(toCells)]);
}

/** Rows as CSV (RFC 4180), each with its line end; null is empty. */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return stringify([...rows], {
    record_delimiter: 'windows',
    escape_formulas: true,
    quoted_match: /[\r\n]/,
  });
}

/** Writes the CSV so that a reader sees the old file or the new one, never a part. Throws PublishError. */
export async function writeSegmentsCsv(path: string, segments: readonly LocatedSegment[]): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, toSegmentsCsv(segments), { flag: 'wx', flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new PublishError(`${path} cannot be written (${toErrorCode(error)})`, {
      remedy: 'make room or name a writable folder with -o, then run the same command again',
      cause: error,
    });
  }
}

function toCells(segment: LocatedSegment): (string | number | null)[] {
  const { path, streamId, sourceUri, label, startMs, endMs, score, startReason, endReason, segmentId } =
    segment;
  const toTime = (ms: number | null) =>
    ms === null || segment.startTimeMs === null ? null : toUtc(segment.startTimeMs + ms);
  return [
    path,
    streamId,
    sourceUri,
    label,
    startMs,
    endMs,
    toClock(startMs),
    endMs === null ? null : toClock(endMs),
    endMs === null ? null : endMs - startMs,
    score.peak,
    score.mean,
    startReason,
    endReason,
    segmentId,
    toTime(startMs),
    toTime(endMs),
  ];
}

/** H:MM:SS.mmm; hours grow beyond two digits. */
function toClock(ms: number): string {
  const part = (unitMs: number, of: number, digits: number) =>
    String(Math.floor(ms / unitMs) % of).padStart(digits, '0');
  return `${Math.floor(ms / 3_600_000)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
