import type { FramePrecision } from '../../src/eval/frame-precision.js';
import type { Difference } from '../../src/calibrate/paired-difference.js';
import type { Measured } from './lab.js';

const HEADINGS = [
  'way',
  'flicker',
  'F1@10',
  'F1@25',
  'F1@50',
  'edit',
  'delay, median / p95',
  'end delay, median / p95',
  'onset, median / p95',
  'start error, median / p95',
  'false starts/h',
  'found, missed',
];

/** Markdown with a row for each name. */
export function toTable(rows: readonly (readonly [string, Measured])[]): string {
  return toMarkdown(HEADINGS, rows.map(toRow));
}

/** F1@25 of labelcast less that of each other way, in points. */
export function toDifferences(rows: readonly (readonly [string, Difference])[]): string {
  const points = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)}`;
  return toMarkdown(
    ['labelcast less', 'F1@25, points', '95 % interval over clips'],
    rows.map(([name, { value, low, high }]) => [name, points(value), `${points(low)} to ${points(high)}`]),
  );
}

/** Frame mAP in percent, and over how many labels. */
export function toMapTable(rows: readonly (readonly [string, FramePrecision])[]): string {
  return toMarkdown(
    ['scores', 'frame mAP', 'labels'],
    rows.map(([name, { mean, labels }]) => [name, percent(mean), String(labels)]),
  );
}

function toRow([name, measured]: readonly [string, Measured]): string[] {
  const { flicker, f1, editScore, delay, endDelay, onsetLatency, startError, falseStartsPerHour } = measured;
  const spread = ({ medianMs, p95Ms }: { medianMs: number | null; p95Ms: number | null }): string =>
    `${toSeconds(medianMs)} / ${toSeconds(p95Ms)} s`;
  return [
    name,
    flicker?.toFixed(3) ?? '—',
    percent(f1.at10),
    percent(f1.at25),
    percent(f1.at50),
    editScore?.toFixed(1) ?? '—',
    spread(delay),
    spread(endDelay),
    spread(onsetLatency),
    spread(startError),
    falseStartsPerHour?.toFixed(0) ?? '—',
    `${measured.foundSegments}, ${measured.missedSegments}`,
  ];
}

function percent(value: number | null): string {
  return value === null ? '—' : (100 * value).toFixed(1);
}

function toSeconds(ms: number | null): string {
  return ms === null || !Number.isFinite(ms) ? '—' : (ms / 1000).toFixed(1);
}

function toMarkdown(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
