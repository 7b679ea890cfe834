import type { Segment } from '../types.js';
import { isSameDay, toClockText, toLengthText, toTimeOfDay } from './clock-text.js';
import { type Column, layOut } from './columns.js';
import { toPrintable } from './messages.js';
import type { TerminalLook } from './terminal-look.js';

/** How a table is shown on a terminal of this many columns. */
export interface TableLook extends TerminalLook {
  readonly width: number;
}

/** Turns media time into what a table shows. */
export type TimeText = (ms: number) => string;

/**
 * The segments of one source as a table, ordered by start, one line each: fitted to a terminal, or (null) in a form that
 * stays as it is. `startTimeMs`: UTC of media time 0 when times are shown as times of day, local ones on a terminal.
 */
export function toSegmentsTable(
  segments: readonly Segment[],
  { startTimeMs, look }: { readonly startTimeMs: number | null; readonly look: TableLook | null },
): string {
  const rows = [...segments].sort(byStart);
  const toTime = toTimeText(rows, startTimeMs, look !== null);
  const cells = (head: string, toText: (segment: Segment) => string) => [head, ...rows.map(toText)];
  const right = { align: 'right' } as const;
  const toLength = look === null ? toSeconds : toLengthText;
  const columns: Column[] = [
    {
      cells: cells('  label', ({ label }) => `  ${toPrintable(label)}`),
      ...(look && { cut: { toWidth: 10, at: 'end' } }),
    },
    { ...right, cells: cells('from', ({ startMs }) => toTime(startMs)) },
    { ...right, cells: cells('to', ({ endMs }) => (endMs === null ? 'open' : toTime(endMs))), rank: 1 },
    {
      ...right,
      cells: cells('length', ({ startMs, endMs }) => (endMs === null ? '' : toLength(endMs - startMs))),
      rank: 2,
    },
    { ...right, cells: cells('peak', ({ score }) => score.peak.toFixed(2)), rank: 3 },
    { ...right, cells: cells('mean', ({ score }) => score.mean.toFixed(2)), rank: 4 },
  ];
  if (look === null) return layOut(columns, { width: null, ellipsis: '' }).join('\n');
  const { width, glyphs, paint } = look;
  return layOut(
    columns.map((column) => ({
      ...column,
      paint: (text: string, row: number) => (row === 0 ? paint('dim', text) : text),
    })),
    { width, ellipsis: glyphs.ellipsis },
  ).join('\n');
}

/** Media time; or time of day, with the day when the segments lie in more than one. */
function toTimeText(rows: readonly Segment[], startTimeMs: number | null, isLocal: boolean): TimeText {
  if (startTimeMs === null) return toClockText;
  if (!isLocal) return (ms) => new Date(startTimeMs + ms).toISOString();
  const [first, last] = [rows[0]?.startMs ?? 0, Math.max(0, ...rows.map((one) => one.endMs ?? one.startMs))];
  const hasDay = !isSameDay(startTimeMs + first, startTimeMs + last);
  return (ms) => toTimeOfDay(startTimeMs + ms, hasDay);
}

function toSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function byStart(a: Segment, b: Segment): number {
  return a.startMs - b.startMs || (a.label < b.label ? -1 : 1);
}
