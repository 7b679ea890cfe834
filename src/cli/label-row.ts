import type { NumberedCloudEvent } from '../types.js';
import { isSameDay, toClockText, toTimeOfDay, toZoneText } from './clock-text.js';
import { type Column, cutTo, layOut } from './columns.js';
import { toPrintable } from './messages.js';
import type { TableLook } from './segments-table.js';

/** A numbered event as one line of fixed columns: it is never known which line is the last. Anybody may have written it. */
export function toLabelRow({ time, data }: NumberedCloudEvent): string {
  const place = [time, data.streamId.padEnd(24)];
  if (!('label' in data)) return toPrintable([...place, data.state].join('  '));
  const { label, phase, reason, startMs, endMs, score } = data;
  const until = endMs === null ? '' : toClockText(endMs);
  const columns = [label.padEnd(16), phase.padEnd(8), reason.padEnd(13)];
  const numbers = [toClockText(startMs).padStart(10), until.padStart(10), score.peak.toFixed(2)];
  return toPrintable([...place, ...columns, ...numbers].join('  '));
}

/** Widths that hold from the first line on, since the lines to come are not known. */
const WIDTHS = { time: 8, stream: 20, label: 14, phase: 9, reason: 13, from: 10, to: 10, peak: 4 };

/**
 * Numbered events on a terminal, a line each: a heading at the first and on each new day, local times of day, media time
 * for files, nothing wider than the terminal.
 */
export class LabelRows {
  readonly #look: () => TableLook;
  #lastMs: number | null = null;

  constructor(look: () => TableLook) {
    this.#look = look;
  }

  toText(event: NumberedCloudEvent): string {
    const look = this.#look();
    const { width, glyphs, paint } = look;
    // of a record of others it may be no time at all
    const atMs = Date.parse(event.time);
    const isNews = this.#lastMs === null || (!Number.isNaN(atMs) && !isSameDay(this.#lastMs, atMs));
    if (isNews) this.#lastMs = Number.isNaN(atMs) ? 0 : atMs;
    const row = toRow(toCells(event), look);
    if (!isNews) return `${row}\n`;
    const day = `${new Date(this.#lastMs!).toDateString()}, times of day in ${toZoneText(this.#lastMs!)}`;
    const heads = [cutTo(day, width, glyphs.ellipsis), toRow(HEADS, look, false)];
    return `${heads.map((head) => paint('dim', head)).join('\n')}\n${row}\n`;
  }
}

interface Cells {
  readonly time: string;
  readonly stream: string;
  readonly label: string;
  readonly phase: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  readonly peak: string;
}

const HEADS: Cells = {
  time: 'time',
  stream: 'stream',
  label: 'label',
  phase: 'phase',
  reason: 'reason',
  from: 'from',
  to: 'to',
  peak: 'peak',
};

function toCells({ time, data }: NumberedCloudEvent): Cells {
  const at = toClock(time);
  const { streamId: stream } = data;
  if (!('label' in data))
    return { time: at, stream, label: '', phase: data.state, reason: '', from: '', to: '', peak: '' };
  const { label, phase, reason, startMs, endMs, startTime, endTime, score } = data;
  const isLive = data.kind === 'live' && typeof startTime === 'string';
  const from = isLive ? toClock(startTime) : toClockText(startMs);
  const to = endMs === null ? '' : isLive && endTime !== null ? toClock(endTime) : toClockText(endMs);
  return { time: at, stream, label, phase, reason, from, to, peak: score.peak.toFixed(2) };
}

/** Local time of day, or what stands there when that is no time. */
function toClock(time: unknown): string {
  const ms = Date.parse(String(time));
  return Number.isNaN(ms) ? String(time) : toTimeOfDay(ms);
}

function toRow(cells: Cells, { width, glyphs, paint }: TableLook, isPainted = true): string {
  const column = (name: keyof Cells) => ({ cells: [toPrintable(cells[name])], width: WIDTHS[name] });
  const columns: Column[] = [
    column('time'),
    { ...column('stream'), cut: { toWidth: 6, at: 'middle' } },
    {
      ...column('label'),
      cut: { toWidth: 8, at: 'end' },
      ...(isPainted && { paint: (text: string) => paint('bold', text) }),
    },
    { ...column('phase'), rank: 1 },
    { ...column('reason'), rank: 5 },
    { ...column('from'), align: 'right', rank: 3 },
    { ...column('to'), align: 'right', rank: 2 },
    { ...column('peak'), rank: 4 },
  ];
  return layOut(columns, { width, ellipsis: glyphs.ellipsis }).join('');
}
