import { readFileSync } from 'node:fs';
import type { ReportData } from './report-data.js';

const TITLE = '%REPORT_TITLE%';
const DATA = '%REPORT_DATA%';

/**
 * The report as one HTML page that needs nothing else: the page that the build made, with the data in it as JSON. Text from
 * the data can end neither the script that holds it nor the page's title, whatever it says.
 */
export function toReportHtml(data: ReportData): string {
  const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');
  const [start, afterTitle] = cut(page, TITLE);
  const [middle, end] = cut(afterTitle, DATA);
  return `${start}${escapeHtml(toTitle(data))}${middle}${toScriptJson(data)}${end}`;
}

function toTitle({ sources }: ReportData): string {
  const only = sources.length === 1 ? sources[0] : undefined;
  return `${only?.name ?? `${sources.length} sources`} – labelcast report`;
}

/** JSON that HTML and JavaScript both read as nothing but JSON. */
function toScriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function cut(page: string, place: string): [string, string] {
  const at = page.indexOf(place);
  if (at < 0)
    throw new Error(`page.html, which the report is made from, lacks ${place}; build labelcast again`);
  return [page.slice(0, at), page.slice(at + place.length)];
}
