import type { NumberedCloudEvent } from '../../types.js';
import { LabelRows, toLabelRow } from '../label-row.js';
import { toLook, toWidth } from '../terminal-look.js';
import { type CsvCells, toCsvForm } from './csv-columns.js';
import type { Format } from './flags.js';

/** How events are printed: what comes first, and the text of each. */
export interface EventText {
  readonly head: string;
  readonly toText: (event: NumberedCloudEvent) => string;
}

/** JSON and CSV for programs; columns for people, fitted to a terminal and in a form that stays as it is elsewhere. */
export function toEventText(format: Format): EventText {
  if (format === 'csv') return { head: CSV.head, toText: (event) => CSV.toLine(toCells(event)) };
  if (format === 'json') return { head: '', toText: (event) => `${JSON.stringify(event)}\n` };
  if (!process.stdout.isTTY) return { head: '', toText: (event) => `${toLabelRow(event)}\n` };
  const style = toLook(process.stdout, process.env);
  const rows = new LabelRows(() => ({ ...style, width: toWidth(process.stdout) }));
  return { head: '', toText: (event) => rows.toText(event) };
}

const CSV = toCsvForm('lastSeenTime', 'expiresTime');

function toCells({ id, time, data }: NumberedCloudEvent): CsvCells {
  const { streamId: stream, sequence, epoch } = data;
  const common = { time, stream, sequence, epoch, id };
  if (!('label' in data)) return { ...common, phase: data.state };
  const { label, phase, reason, startMs, endMs, startTime, endTime, score, segmentId } = data;
  return { ...common, label, phase, reason, startMs, endMs, startTime, endTime, ...score, segmentId };
}
