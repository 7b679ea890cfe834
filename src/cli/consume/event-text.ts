import type { NumberedCloudEvent } from '../../types.js';
import { toCsv } from '../../publish/segments-csv.js';
import { LabelRows, toLabelRow } from '../label-row.js';
import { toLook, toWidth } from '../terminal-look.js';
import type { Format } from './flags.js';

/** How events are printed: what comes first, and the text of each. */
export interface EventText {
  readonly head: string;
  readonly toText: (event: NumberedCloudEvent) => string;
}

/** JSON and CSV for programs; columns for people, fitted to a terminal and in a form that stays as it is elsewhere. */
export function toEventText(format: Format): EventText {
  if (format === 'csv') return { head: toCsv([COLUMNS]), toText: (event) => toCsv([toCells(event)]) };
  if (format === 'json') return { head: '', toText: (event) => `${JSON.stringify(event)}\n` };
  if (!process.stdout.isTTY) return { head: '', toText: (event) => `${toLabelRow(event)}\n` };
  const style = toLook(process.stdout, process.env);
  const rows = new LabelRows(() => ({ ...style, width: toWidth(process.stdout) }));
  return { head: '', toText: (event) => rows.toText(event) };
}

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
  'current',
  'peak',
  'mean',
  'sequence',
  'epoch',
  'segmentId',
  'id',
];

function toCells({ id, time, data }: NumberedCloudEvent): (string | number | null)[] {
  const { streamId, sequence, epoch } = data;
  if (!('label' in data)) {
    const none = Array.from({ length: 8 }, () => null);
    return [time, streamId, null, data.state, ...none, sequence, epoch, null, id];
  }
  const { label, phase, reason, startMs, endMs, startTime, endTime, score, segmentId } = data;
  const times = [startMs, endMs, startTime, endTime];
  const scores = [score.current, score.peak, score.mean];
  return [time, streamId, label, phase, reason, ...times, ...scores, sequence, epoch, segmentId, id];
}
