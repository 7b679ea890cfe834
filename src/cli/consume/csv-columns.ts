import { toCsv } from '../../publish/segments-csv.js';

/** In their order; events and open segments each have some of them. */
const COLUMNS = [
  'time',
  'stream',
  'label',
  'phase',
  'reason',
  'startMs',
  'endMs',
  'startTime',
  'endTime',
  'lastSeenTime',
  'expiresTime',
  'current',
  'peak',
  'mean',
  'sequence',
  'epoch',
  'segmentId',
  'id',
] as const;
type Column = (typeof COLUMNS)[number];

/** What a line says; a column without a value is empty. */
export type CsvCells = Readonly<Partial<Record<Column, string | number | null>>>;

/** A form of `consume --format csv`: its heading, and the line of each record. */
export interface CsvForm {
  readonly head: string;
  readonly toLine: (cells: CsvCells) => string;
}

/** The form that has all columns but these. */
export function toCsvForm(...lacking: readonly Column[]): CsvForm {
  const columns = COLUMNS.filter((column) => !lacking.includes(column));
  return {
    head: toCsv([columns]),
    toLine: (cells) => toCsv([columns.map((column) => cells[column] ?? null)]),
  };
}
