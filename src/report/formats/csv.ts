import type { SourcedSegment } from '../../publish/segment-row.js';
import { toSegmentsCsv } from '../../publish/segments-csv.js';
import { toName } from '../source-name.js';

/** CSV of the shape of `segments.csv`; what an open segment lacks is empty. */
export function toCsv(segments: readonly SourcedSegment[]): string {
  return toSegmentsCsv(segments.map((segment) => ({ ...segment, path: toName(segment.sourceUri) })));
}
