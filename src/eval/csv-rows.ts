import { CsvError, type Info, parse } from 'csv-parse/sync';

/** A row of a CSV file: its cells by the names of their columns. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/**
 * Reads CSV (RFC 4180, any line ends, UTF-8 with or without its mark) whose first line names the columns; the names are taken
 * in lower case. Throws an Error with the problem in words that names a line.
 */
export function readCsvRows(text: string, columns: readonly string[]): CsvRow[] {
  const toNames = (header: readonly string[]): string[] => {
    const names = header.map((name) => name.toLowerCase());
    const missing = columns.filter((column) => !names.includes(column.toLowerCase()));
    if (missing.length === 0) return names;
    throw new Error(`line 1: the header names no column ${missing.join(', ')}`);
  };
  const options = { columns: toNames, info: true, bom: true, trim: true, skip_empty_lines: true };
  const rows = parse(text, options) as unknown as readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly info: Info;
  }[];
  if (text.trim() === '') throw new Error(`line 1: a header with ${columns.join(', ')} is missing`);
  return rows.map(({ record, info }) => ({ line: info.lines, cells: record }));
}

/** What is wrong with a file, in the words of the one who found it. */
export function toCsvProblem(error: unknown): string {
  const { message } = error as Error;
  return error instanceof CsvError ? `not CSV: ${message}` : message;
}

/** A label as it was before `segments.csv` kept a spreadsheet from calculating it. */
export function toLabel(cell: string): string {
  return cell.replace(/^'(?=[=+\-@])/, '');
}
