import type { StateRecord } from '../../events.js';
import { isSameDay, toClockText, toLengthText, toTimeOfDay, toZoneText } from '../clock-text.js';
import { type Column, cutTo } from '../columns.js';
import { layOutTable } from '../lay-out-table.js';
import { toPrintable } from '../messages.js';
import type { TableLook } from '../segments-table.js';
import { type CsvCells, toCsvForm } from './csv-columns.js';
import type { Format } from './flags.js';

/** Open segments as they are at `nowMs` (since 1970); `look`: how the terminal is, null: they go elsewhere. */
export function toStateText(
  segments: readonly StateRecord[],
  {
    format,
    nowMs,
    look,
  }: { readonly format: Format; readonly nowMs: number; readonly look: TableLook | null },
): string {
  if (format === 'json') return segments.map((segment) => `${JSON.stringify(segment)}\n`).join('');
  if (format === 'csv') return [CSV.head, ...segments.map((one) => CSV.toLine(toCells(one)))].join('');
  if (segments.length === 0) return '';
  const lines = layOutTable(toColumns(segments, { nowMs, look }), look);
  if (look === null) return `${lines.join('\n')}\n`;
  const zone = `${new Date(nowMs).toDateString()}, times of day in ${toZoneText(nowMs)}`;
  const head = look.paint('dim', cutTo(zone, look.width, look.glyphs.ellipsis));
  return `${[head, ...lines].join('\n')}\n`;
}

function toColumns(
  segments: readonly StateRecord[],
  { nowMs, look }: { readonly nowMs: number; readonly look: TableLook | null },
): Column[] {
  const cells = (head: string, toText: (segment: StateRecord) => string) => [
    head,
    ...segments.map((one) => toPrintable(toText(one))),
  ];
  const right = { align: 'right' } as const;
  const toTime = (time: string): string => {
    const ms = Date.parse(time);
    return look === null ? time : toTimeOfDay(ms, !isSameDay(ms, nowMs));
  };
  const lengthOf = ({ startTime, lastSeenTime }: StateRecord): string =>
    startTime === null ? '' : toLengthText(Math.max(0, Date.parse(lastSeenTime) - Date.parse(startTime)));
  return [
    { cells: cells('stream', ({ streamId }) => streamId), cut: { toWidth: 8, at: 'middle' } },
    { cells: cells('label', ({ label }) => label), cut: { toWidth: 10, at: 'end' } },
    {
      ...right,
      cells: cells('since', ({ startTime, startMs }) =>
        startTime === null ? toClockText(startMs) : toTime(startTime),
      ),
      rank: 1,
    },
    { ...right, cells: cells('for', lengthOf), rank: 2 },
    { ...right, cells: cells('seen', ({ lastSeenTime }) => toTime(lastSeenTime)), rank: 3 },
    { ...right, cells: cells('peak', ({ score }) => score.peak.toFixed(2)), rank: 4 },
  ];
}

const CSV = toCsvForm('time', 'phase', 'reason', 'endMs', 'endTime', 'id');

function toCells({ streamId: stream, score, ...rest }: StateRecord): CsvCells {
  const { label, startMs, startTime, lastSeenTime, expiresTime, sequence, epoch, segmentId } = rest;
  return {
    stream,
    label,
    startMs,
    startTime,
    lastSeenTime,
    expiresTime,
    ...score,
    sequence,
    epoch,
    segmentId,
  };
}
