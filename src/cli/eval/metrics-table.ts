import { toLengthText } from '../clock-text.js';
import { type Column, cutTo } from '../columns.js';
import { toPrintable } from '../messages.js';
import { layOutTable } from '../lay-out-table.js';
import type { TableLook } from '../segments-table.js';
import { wrap } from '../wrap.js';
import { type ComparedClip, measure, type Measured, measureLabels } from './evaluation.js';

const NONE = '-';

/** What was measured on all clips together; of several, before it, a line each. Fitted to a terminal, or (null) as it is. */
export function toMetricsTable(clips: readonly ComparedClip[], look: TableLook | null): string {
  const all = measure(clips);
  const parts = [
    ...(clips.length > 1 ? [toClipsTable(clips, look)] : []),
    [...toTitle(clips, all, look), '', ...layOutTable(toMeasures(all), look)].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A line for each label that occurs, in the order of `measureLabels`. */
export function toLabelsTable(clips: readonly ComparedClip[], look: TableLook | null): string {
  const rows = measureLabels(clips);
  const cells = (heading: string, toText: (row: (typeof rows)[number]['segments']) => string) => ({
    cells: [heading, ...rows.map(({ segments }) => toText(segments))],
    align: 'right' as const,
  });
  const columns: Column[] = [
    { cells: ['label', ...rows.map(({ label }) => label)], cut: { toWidth: 12, at: 'end' } },
    cells('true', ({ trueSegments }) => String(trueSegments)),
    cells('found', ({ foundSegments }) => String(foundSegments)),
    cells('missed', ({ missedSegments }) => String(missedSegments)),
    { ...cells('F1@25', ({ f1 }) => toPercent(f1.at25)), rank: 1 },
    { ...cells('false starts', ({ falseStartsPerHour: rate }) => `${toNumber(rate, 1)}/h`), rank: 2 },
    { ...cells('latency', ({ onsetLatency }) => toMilliseconds(onsetLatency.medianMs)), rank: 3 },
  ];
  return `${layOutTable(columns, look).join('\n')}\n`;
}

/** The name of the clip, or how many there are; then what there is in it. */
function toTitle(
  clips: readonly ComparedClip[],
  { labels, segments }: Measured,
  look: TableLook | null,
): string[] {
  const name = clips.length === 1 ? toPrintable(clips[0]!.name) : `${clips.length} clips`;
  const { durationMs, trueSegments, foundSegments } = segments;
  const judged = `${labels} ${labels === 1 ? 'label' : 'labels'}`;
  const length = `${clips.every((one) => one.isLengthKnown) ? '' : 'at least '}${toLengthText(durationMs)}`;
  const facts = `${length}, ${judged}, ${trueSegments} true segments, ${foundSegments} found`;
  if (look === null) return [name, facts];
  return [cutTo(name, look.width, look.glyphs.ellipsis, 'middle'), ...wrap(facts, look.width)];
}

/** Each measure in a row: its name, its value, what it says. */
function toMeasures({ segments, frames }: Measured): readonly Column[] {
  const { flicker, f1, editScore, onsetLatency, startError, falseStartsPerHour } = segments;
  const { missedSegments, trueSegments } = segments;
  const rows: readonly (readonly [name: string, value: string, p95: string, meaning: string])[] = [
    ['flicker', toNumber(flicker, 2), '', 'surplus state changes a minute of a label'],
    ['F1@10', toPercent(f1.at10), '', 'segments that overlap a true one by 10 %'],
    ['F1@25', toPercent(f1.at25), '', 'by 25 %'],
    ['F1@50', toPercent(f1.at50), '', 'by half'],
    ['edit score', toPercent(toPart(editScore)), '', 'order of on and off, whenever they are'],
    [
      'onset latency',
      toMilliseconds(onsetLatency.medianMs),
      toMilliseconds(onsetLatency.p95Ms),
      'median, from the true start until sure',
    ],
    [
      'start error',
      toMilliseconds(startError.medianMs),
      toMilliseconds(startError.p95Ms),
      'median, of the start that is stated',
    ],
    ['missed', String(missedSegments), '', `of ${trueSegments} true segments`],
    ['false starts', toNumber(falseStartsPerHour, 1), '', 'segments an hour that overlap no true one'],
    ...(frames === null
      ? []
      : ([
          ['frame mAP, raw', toPercent(frames.raw.mean), '', `of ${frames.raw.labels} labels, as scored`],
          ['frame mAP, smoothed', toPercent(frames.smoothed.mean), '', 'of the moving averages'],
        ] as const)),
  ];
  const column = (heading: string, n: 0 | 1 | 2 | 3) => [heading, ...rows.map((row) => row[n])];
  return [
    { cells: column('measure', 0) },
    { cells: column('value', 1), align: 'right' },
    { cells: column('p95', 2), align: 'right' },
    { cells: column('', 3), rank: 1, cut: { toWidth: 24, at: 'end' } },
  ];
}

function toClipsTable(clips: readonly ComparedClip[], look: TableLook | null): string {
  const rows = clips.map((one) => ({ name: toPrintable(one.name), ...measure([one]) }));
  const cells = (heading: string, toText: (row: (typeof rows)[number]) => string) => [
    heading,
    ...rows.map(toText),
  ];
  const right = { align: 'right' } as const;
  const columns: Column[] = [
    { cells: cells('clip', ({ name }) => name), cut: { toWidth: 12, at: 'middle' } },
    { ...right, cells: cells('flicker', ({ segments }) => toNumber(segments.flicker, 2)) },
    { ...right, cells: cells('F1@25', ({ segments }) => toPercent(segments.f1.at25)) },
    { ...right, cells: cells('edit', ({ segments }) => toPercent(toPart(segments.editScore))), rank: 3 },
    {
      ...right,
      cells: cells('latency', ({ segments }) => toMilliseconds(segments.onsetLatency.medianMs)),
      rank: 1,
    },
    {
      ...right,
      cells: cells('missed', ({ segments }) => `${segments.missedSegments} of ${segments.trueSegments}`),
      rank: 2,
    },
    {
      ...right,
      cells: cells('mAP', ({ frames }) => toPercent(frames?.smoothed.mean ?? null)),
      rank: 4,
    },
  ];
  return layOutTable(columns, look).join('\n');
}

function toNumber(value: number | null, digits: number): string {
  return value === null ? NONE : value.toFixed(digits);
}

function toPercent(part: number | null): string {
  return part === null ? NONE : `${(part * 100).toFixed(1)} %`;
}

function toPart(ofHundred: number | null): number | null {
  return ofHundred === null ? null : ofHundred / 100;
}

function toMilliseconds(ms: number | null): string {
  return ms === null ? NONE : `${(ms / 1000).toFixed(2)} s`;
}
