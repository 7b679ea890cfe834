import type { Calibration, Choice, Expected } from '../../calibrate/calibrate.js';
import type { PhotoCalibration } from '../../calibrate/calibrate-photos.js';
import type { ChosenKeys } from '../../calibrate/chosen-keys.js';
import type { TemperatureFit } from '../../calibrate/fit-temperature.js';
import type { LabelledClip } from '../../calibrate/parts.js';
import type { Smoothing } from '../../types.js';
import { toLengthText } from '../clock-text.js';
import type { Column } from '../columns.js';
import { layOutTable } from '../lay-out-table.js';
import type { TableLook } from '../segments-table.js';
import { wrap } from '../wrap.js';

interface TableSetting {
  readonly before: Smoothing;
  readonly keys: ChosenKeys;
  /** Of the labels, in the order of the thresholds. */
  readonly names: readonly string[];
  readonly look: TableLook | null;
}

const NAMES: Readonly<Record<Choice, string>> = {
  kept: 'as configured',
  common: 'times, thresholds together',
  own: 'thresholds by label too',
};
const NONE = '-';
const PLAIN_WIDTH = 100;
/** Of whose thresholds it is told what they were. */
const MOST_LABELS = 5;

/** What was compared on which clips, what is chosen, and what it should gain; without the last line's end. */
export function toCalibrationTable(
  clips: readonly LabelledClip[],
  calibration: Calibration,
  { before, keys, names, look }: TableSetting,
): string {
  const { parts, folds, expected, choice, temperature } = calibration;
  const lengthMs = clips.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const segments = expected[0]!.metrics.trueSegments;
  const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const facts = [
    `${many(clips.length, 'clip')}, ${toLengthText(lengthMs)}, ${many(segments, 'true segment')} in ${many(parts, 'part')}.`,
    `Each part is judged by settings chosen without it (${many(folds, 'fold')}):`,
  ].join(' ');
  const lines = [
    ...toText(facts, look),
    '',
    ...layOutTable(toColumns(expected, choice), look),
    '',
    ...[...toVerdict(calibration, 'F1@25', 'clips'), ...toLateness(calibration)].flatMap((line) =>
      toText(line, look),
    ),
    ...toText(toLogLoss(temperature), look),
  ];
  if (choice === 'kept') return lines.join('\n');
  const changes = toChanges(keys, before, names);
  return [...lines, '', ...changes.flatMap((line) => toText(line, look))].join('\n');
}

/** The same of photos; without the last line's end. */
export function toPhotoLines(
  { photos, positives, isSure, before: f1, after, gain, temperature }: PhotoCalibration,
  { before, keys, names, look }: TableSetting,
): string {
  const lines = [
    `${photos} photos with ${positives} labels. Each fifth is judged by settings chosen without it:`,
    `F1 at enter: ${toPercent(f1)} as configured, ${toPercent(after)} by the other photos`,
    ...toVerdict({ choice: isSure ? 'own' : 'kept', gain }, 'F1', 'photos'),
    toLogLoss(temperature),
    ...toChanges(keys, before, names),
  ];
  return lines.flatMap((line) => toText(line, look)).join('\n');
}

function toLateness({ expected, tooLate }: Calibration): string[] {
  if (tooLate === null) return [];
  const late = Math.ceil(expected.find(({ choice }) => choice === tooLate)!.delay.p95Ms / 100) / 10;
  return [
    `${NAMES[tooLate]}: left out, as starts would be sure up to ${late} s late; --latest ${late} allows that`,
  ];
}

function toLogLoss({ before, after }: TemperatureFit): string {
  return `log loss of the scores ${before.toFixed(4)}, at the best temperature ${after.toFixed(4)}`;
}

function toVerdict(
  { choice, gain }: Pick<Calibration, 'choice' | 'gain'>,
  measure: string,
  noun: string,
): string[] {
  if (choice === 'kept' && gain.value <= 0)
    return ['nothing is gained by other settings: what is configured is kept'];
  const points = (part: number) => `${part < 0 ? '−' : '+'}${Math.abs(100 * part).toFixed(1)}`;
  const interval = `(95 % between ${points(gain.low)} and ${points(gain.high)})`;
  const amount = `${points(gain.value)} points of ${measure} ${interval}`;
  if (choice !== 'kept') return [`expected gain: ${amount}`];
  return [
    `other settings may gain ${amount}, which so few ${noun} cannot tell for sure:`,
    'label more of them; what is configured is kept',
  ];
}

function toChanges({ labels, ...keys }: ChosenKeys, before: Smoothing, names: readonly string[]): string[] {
  const values = Object.entries(keys).map(
    ([key, value]) => `${key} ${before[key as keyof typeof keys] ?? 1} → ${value}`,
  );
  const moved = Object.entries(labels);
  const shown = moved.slice(0, MOST_LABELS).map(([name, { enter, exit }]) => {
    const old = before.thresholds[names.indexOf(name)]!;
    return `${name}: enter ${old.enter} → ${enter}, exit ${old.exit} → ${exit}`;
  });
  const rest = moved.length - shown.length;
  return [...values, ...shown, ...(rest > 0 ? [`and thresholds of ${rest} more labels`] : [])];
}

function toColumns(expected: readonly Expected[], choice: Choice): readonly Column[] {
  const column = (
    heading: string,
    toCell: (row: Expected) => string,
    rest: Partial<Column> = {},
  ): Column => ({
    cells: [heading, ...expected.map(toCell)],
    align: 'right',
    ...rest,
  });
  return [
    { cells: ['', ...expected.map((row) => (row.choice === choice ? '*' : ''))] },
    { cells: ['settings', ...expected.map((row) => NAMES[row.choice])], cut: { toWidth: 16, at: 'end' } },
    column('F1@25', ({ metrics }) => toPercent(metrics.f1.at25)),
    column('F1@50', ({ metrics }) => toPercent(metrics.f1.at50), { rank: 3 }),
    column('flicker', ({ metrics }) => metrics.flicker?.toFixed(2) ?? NONE, { rank: 2 }),
    column('start late by', ({ delay }) => `${toSeconds(delay.medianMs)}, ${toSeconds(delay.p95Ms)} s`, {
      rank: 4,
    }),
    column('false starts', ({ metrics }) => `${metrics.falseStartsPerHour?.toFixed(0) ?? NONE}/h`, {
      rank: 1,
    }),
    column('missed', ({ metrics }) => String(metrics.missedSegments), { rank: 1 }),
  ];
}

function toPercent(part: number | null): string {
  return part === null ? NONE : (100 * part).toFixed(1);
}

function toSeconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1000).toFixed(1) : NONE;
}

function toText(text: string, look: TableLook | null): string[] {
  return wrap(text, look?.width ?? PLAIN_WIDTH);
}
