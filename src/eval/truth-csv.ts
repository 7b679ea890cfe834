import { type CsvRow, readCsvRows, toCsvProblem, toLabel } from './csv-rows.js';
import { type PlacedSpan, type PlacedTruth, refuseTruth } from './truth-problem.js';

/** Reads truth in CSV: columns start, end, label; others are passed over. Throws ConfigError that lists every problem with its line. */
export function readTruthCsv(text: string, file: string): PlacedTruth {
  const issues: string[] = [];
  const segments = rowsOf(text, file).flatMap((row) => toSpan(row, issues) ?? []);
  if (issues.length > 0) throw refuseTruth(file, issues);
  return { durationMs: null, labels: null, segments, optional: [] };
}

function rowsOf(text: string, file: string): CsvRow[] {
  try {
    return readCsvRows(text, ['start', 'end', 'label']);
  } catch (cause) {
    throw refuseTruth(file, [toCsvProblem(cause)], cause);
  }
}

function toSpan({ line, cells }: CsvRow, issues: string[]): PlacedSpan | null {
  const at = `line ${line}`;
  const [startMs, endMs] = [toMs(cells['start']!), toMs(cells['end']!)];
  const label = toLabel(cells['label']!);
  if (startMs === null) issues.push(`${at}: ${NO_TIME('start', cells['start']!)}`);
  if (endMs === null) issues.push(`${at}: ${NO_TIME('end', cells['end']!)}`);
  if (label === '') issues.push(`${at}: the label is empty`);
  return startMs === null || endMs === null || label === '' ? null : { label, startMs, endMs, at };
}

const NO_TIME = (column: string, cell: string): string =>
  `${column} is ${cell === '' ? 'empty' : `'${cell}', which is no time`}: write seconds or H:MM:SS.mmm`;

/** `12.5`, `0:12.5` or `1:00:12.500`; null: none of these. A sign is read, to be refused with its value. */
function toMs(text: string): number | null {
  const match = /^(-?)(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d*)?|\.\d+)$/.exec(text);
  if (match === null) return null;
  const [, sign, hours = '0', minutes = '0', seconds] = match;
  const ms = Math.round(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000);
  return sign === '-' ? -ms : ms;
}
