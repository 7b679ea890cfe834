import { createHash } from 'node:crypto';
import { toCsv } from './formats/csv.js';
import { toReportJson } from './formats/json.js';
import { toSrt } from './formats/srt.js';
import { toVtt } from './formats/vtt.js';
import type { ReportLabel } from './report-data.js';
import type { Report } from './read-report.js';

/** A text that a report is written as, and what it is called in a folder. */
export interface ReportDocument {
  readonly file: string;
  readonly text: string;
}

/** A report as WebVTT or SubRip, a document for each source that had pictures, or as one of CSV or JSON. */
export function toDocuments(
  { data, segments }: Report,
  format: 'vtt' | 'srt' | 'csv' | 'json',
): ReportDocument[] {
  const { sources, generator } = data;
  if (format === 'csv') return [{ file: 'segments.csv', text: toCsv(segments) }];
  if (format === 'json') return [{ file: 'report.json', text: toReportJson(data) }];
  const seen = sources.filter(({ durationMs }) => durationMs > 0);
  return seen.map((source) => ({
    file: `${source.streamId}.${format}`,
    text: format === 'vtt' ? toVtt(source, generator) : toSrt(source),
  }));
}

/** A name for each label that any file system takes, and that no other of them has. */
export function toLabelNames(labels: readonly ReportLabel[]): string[] {
  const slugs = labels.map(({ label }) => toSlug(label));
  return slugs.map((slug, n) => {
    const isAlone = slugs.filter((other) => other.toLowerCase() === slug.toLowerCase()).length === 1;
    if (isAlone && slug !== '') return slug;
    return `${slug}~${createHash('sha256').update(labels[n]!.label).digest('hex').slice(0, 8)}`;
  });
}

function toSlug(label: string): string {
  const plain = label.normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
}
