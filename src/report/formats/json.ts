import type { ReportData } from '../report-data.js';

/** A report without its thumbnails, as docs/schema/report.v1.json describes it. */
export function toReportJson(data: ReportData): string {
  const sources = data.sources.map((source) => ({ ...source, thumbnails: null }));
  return `${JSON.stringify({ ...data, sources })}\n`;
}
