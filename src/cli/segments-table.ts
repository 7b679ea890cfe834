import Table from 'cli-table3';
import type { Segment } from '../types.js';
import { toClockText } from './clock-text.js';
import { toPrintable } from './messages.js';

/** Spaces instead of lines: the table can be piped, grepped and pasted. */
const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((key) => [key, key === 'middle' ? '  ' : '']),
);

/** The segments of one source as a plain table, ordered by start, one line each. */
export function toSegmentsTable(segments: readonly Segment[]): string {
  const table = new Table({
    head: ['  label', 'from', 'to', 'length', 'peak', 'mean'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const segment of [...segments].sort(byStart)) table.push(toRow(segment));
  return table.toString();
}

function toRow(segment: Segment): string[] {
  const { startMs, endMs, score } = segment;
  const end =
    endMs === null ? ['open', ''] : [toClockText(endMs), `${((endMs - startMs) / 1000).toFixed(1)} s`];
  return [
    `  ${toPrintable(segment.label)}`,
    toClockText(startMs),
    ...end,
    score.peak.toFixed(2),
    score.mean.toFixed(2),
  ];
}

function byStart(a: Segment, b: Segment): number {
  return a.startMs - b.startMs || (a.label < b.label ? -1 : 1);
}
