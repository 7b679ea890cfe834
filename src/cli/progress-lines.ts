import { toSpanText } from './clock-text.js';
import { type Column, cutTo, layOut, widthOf } from './columns.js';
import { toPrintable } from './messages.js';
import type { TerminalLook } from './terminal-look.js';

/** Where a source in work stands. */
export interface SourceStanding {
  readonly name: string;
  readonly kind: 'file' | 'live';
  /** It could be opened. */
  readonly isBegun: boolean;
  /** Media time at which this run began, and where it is; files. */
  readonly fromMs: number;
  readonly nowMs: number;
  readonly durationMs: number | null;
  /** For how long it has been in work. */
  readonly elapsedMs: number;
  /** Of the connection; files: null. */
  readonly state: string | null;
  readonly frames: number;
  /** The labels that hold. */
  readonly labels: readonly string[];
}

/** Where the whole run stands. */
export interface RunStanding {
  readonly sources: readonly SourceStanding[];
  readonly files: { readonly done: number; readonly total: number };
  readonly cameras: number;
  /** Media tagged in this run by files, done and in work. */
  readonly taggedMs: number;
  /** What the files that are known to be left will take at this speed; null: not known. */
  readonly leftMs: number | null;
  /** Files only; null: not known. */
  readonly fraction: number | null;
  readonly elapsedMs: number;
}

interface Space extends TerminalLook {
  readonly width: number;
  /** Lines at most. */
  readonly height: number;
}

const BAR = 20;

/** A line per source in work, and one for all of them when there are several; none wider than `width`. */
export function toProgressLines(run: RunStanding, space: Space): string[] {
  const total = toTotalLine(run, space);
  const room = Math.max(1, space.height - (total === null ? 0 : 1));
  const fits = run.sources.length <= room;
  const shown = fits ? run.sources : run.sources.slice(0, Math.max(0, room - 1));
  const hidden = run.sources.length - shown.length;
  const fitting = { width: space.width, ellipsis: space.glyphs.ellipsis };
  const lines = [...toFileLines(shown, space, fitting), ...toLiveLines(shown, space, fitting)];
  if (hidden > 0) lines.push(space.paint('dim', cutTo(`and ${hidden} more`, space.width, fitting.ellipsis)));
  return total === null ? lines : [...lines, total];
}

type Fitting = Parameters<typeof layOut>[1];

function toFileLines(
  all: readonly SourceStanding[],
  { glyphs, paint, width }: Space,
  fitting: Fitting,
): string[] {
  const files = all.filter(({ kind }) => kind === 'file');
  const fractions = files.map(toFraction);
  const columns: Column[] = [
    toNames(files, width),
    {
      cells: fractions.map((part) => toBar(part, glyphs)),
      rank: 4,
      paint: (text) => paint('green', text),
    },
    { cells: fractions.map(toPercent), align: 'right' },
    { cells: files.map((one) => `${toSpeed(one).toFixed(1)}${glyphs.times}`), align: 'right', rank: 3 },
    { cells: files.map(toLeft), align: 'right', rank: 2 },
    { ...toLabels(files), paint: (text) => paint('bold', text) },
  ];
  return layOut(columns, fitting);
}

function toLiveLines(all: readonly SourceStanding[], { paint, width }: Space, fitting: Fitting): string[] {
  const cameras = all.filter(({ kind }) => kind === 'live');
  const columns: Column[] = [
    toNames(cameras, width),
    {
      cells: cameras.map(({ state }) => (state === 'gap' ? 'no picture' : (state ?? ''))),
      paint: (text, row) => paint(cameras[row]!.state === 'online' ? 'green' : 'red', text),
    },
    { cells: cameras.map(({ elapsedMs }) => toSpanText(elapsedMs)), align: 'right', rank: 2 },
    { cells: cameras.map(({ frames }) => `${frames} frames`), align: 'right', rank: 3 },
    { ...toLabels(cameras), paint: (text) => paint('bold', text) },
  ];
  return layOut(columns, fitting);
}

function toTotalLine(run: RunStanding, { width, glyphs }: Space): string | null {
  const { files, cameras, sources, taggedMs, elapsedMs, leftMs, fraction } = run;
  if (files.total + cameras < 2) return null;
  const online = sources.filter(({ state }) => state === 'online').length;
  const speed = taggedMs / Math.max(1, elapsedMs);
  const parts = [
    ...(files.total > 0 ? [`${files.done}/${files.total} files`] : []),
    ...(cameras > 0 ? [`${online}/${cameras} cameras online`] : []),
    ...(fraction === null ? [] : [toPercent(fraction)]),
    ...(leftMs === null ? [] : [`${toSpanText(leftMs)} left`]),
    ...(files.total > 0 ? [`${speed.toFixed(1)}${glyphs.times} real time`] : []),
  ];
  while (parts.length > 1 && widthOf(parts.join('  ')) > width) parts.pop();
  return cutTo(parts.join('  '), width, glyphs.ellipsis);
}

function toNames(sources: readonly SourceStanding[], width: number): Column {
  return {
    cells: sources.map(({ name }) => toPrintable(name)),
    cut: { toWidth: width < 30 ? 8 : 16, at: 'middle' },
  };
}

function toLabels(sources: readonly SourceStanding[]): Column {
  const cells = sources.map(({ labels }) => labels.map(toPrintable).join(', '));
  return { cells, cut: { toWidth: 6, at: 'end' }, rank: 1 };
}

/** Media time a second. */
function toSpeed({ nowMs, fromMs, elapsedMs }: SourceStanding): number {
  return (nowMs - fromMs) / Math.max(1, elapsedMs);
}

function toFraction({ nowMs, durationMs }: SourceStanding): number | null {
  return durationMs === null || durationMs <= 0 ? null : Math.min(1, nowMs / durationMs);
}

function toPercent(fraction: number | null): string {
  return fraction === null ? '' : `${Math.floor(fraction * 100)}%`;
}

function toLeft(one: SourceStanding): string {
  const speed = toSpeed(one);
  if (one.durationMs === null || speed <= 0) return '';
  return `${toSpanText((one.durationMs - one.nowMs) / speed)} left`;
}

function toBar(fraction: number | null, { barDone, barLeft }: TerminalLook['glyphs']): string {
  if (fraction === null) return '';
  const done = Math.round(fraction * BAR);
  return barDone.repeat(done) + barLeft.repeat(BAR - done);
}
