import type { Segment } from '../types.js';
import { toLengthText } from './clock-text.js';
import { type Column, layOut, widthOf } from './columns.js';
import { type LaneSpan, toLane } from './lane.js';
import { toPrintable } from './messages.js';
import type { TableLook } from './segments-table.js';

const LANE = { least: 10, most: 60 };

/** The lanes' span, what stands at its ends, and how far it is tagged: open segments last until then. */
export interface LabelSpan extends LaneSpan {
  readonly nowMs: number;
  readonly fromText: string;
  readonly toText: string;
}

interface SummaryLook extends TableLook {
  readonly span: LabelSpan;
}

/**
 * A line per label, the one that holds longest first: how many segments, how long in all and at most, the highest score,
 * and where they lie, as a lane. No line is wider than the terminal.
 */
export function toLabelSummary(segments: readonly Segment[], look: SummaryLook): string {
  const { width, glyphs, paint, span } = look;
  const ended = segments.map((one) => ({ ...one, endMs: one.endMs ?? Math.max(one.startMs, span.nowMs) }));
  const labels = [...groupByLabel(ended)]
    .map(([label, own]) => toSummary(label, own))
    .sort((a, b) => b.totalMs - a.totalMs || (a.label < b.label ? -1 : 1));
  const cells = (head: string, toText: (one: LabelSummary) => string) => [head, ...labels.map(toText)];
  const right = { align: 'right' } as const;
  const figures: Column[] = [
    {
      cells: cells('  label', ({ label }) => `  ${toPrintable(label)}`),
      cut: { toWidth: 10, at: 'end' },
    },
    { ...right, cells: cells('segments', ({ own }) => String(own.length)), rank: 1 },
    { ...right, cells: cells('total', ({ totalMs }) => toLengthText(totalMs)) },
    { ...right, cells: cells('longest', ({ longestMs }) => toLengthText(longestMs)), rank: 3 },
    { ...right, cells: cells('peak', ({ peak }) => peak.toFixed(2)), rank: 2 },
  ];
  const fitting = { width, ellipsis: glyphs.ellipsis };
  const used = figures.reduce((sum, one) => sum + Math.max(...one.cells.map((cell) => widthOf(cell))) + 2, 0);
  const room = Math.min(LANE.most, width - used - 2);
  const lanes: Column[] =
    room < LANE.least
      ? []
      : [
          {
            cells: [
              toRuler(span, room),
              ...labels.map(({ own }) => `|${toLane(own, span, room, glyphs.levels)}|`),
            ],
            paint: (text) => paint('green', text),
          },
        ];
  return layOut(
    [...figures, ...lanes].map((column) => ({
      ...column,
      paint: (text: string, row: number) =>
        row === 0 ? paint('dim', text) : (column.paint?.(text, row) ?? text),
    })),
    fitting,
  ).join('\n');
}

type EndedSegment = Segment & { readonly endMs: number };

interface LabelSummary {
  readonly label: string;
  readonly own: readonly EndedSegment[];
  readonly totalMs: number;
  readonly longestMs: number;
  readonly peak: number;
}

function toSummary(label: string, own: readonly EndedSegment[]): LabelSummary {
  const lengths = own.map(({ startMs, endMs }) => endMs - startMs);
  const totalMs = lengths.reduce((sum, one) => sum + one, 0);
  const peak = own.reduce((most, { score }) => Math.max(most, score.peak), 0);
  return { label, own, totalMs, longestMs: lengths.reduce((a, b) => Math.max(a, b), 0), peak };
}

function groupByLabel(segments: readonly EndedSegment[]): Map<string, EndedSegment[]> {
  const groups = new Map<string, EndedSegment[]>();
  for (const segment of segments) {
    const group = groups.get(segment.label);
    if (group === undefined) groups.set(segment.label, [segment]);
    else group.push(segment);
  }
  return groups;
}

/** Where the lane begins and ends, above it. */
function toRuler({ fromText, toText }: LabelSpan, cells: number): string {
  const space = cells - fromText.length - toText.length;
  return space < 1 ? ' '.repeat(cells + 2) : ` ${fromText}${' '.repeat(space)}${toText} `;
}
