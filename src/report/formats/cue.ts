import type { ReportSource } from '../report-data.js';

/** One label shown from when to when. */
export interface Cue {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** All segments of a source by start, then label. */
export function toCues({ labels }: ReportSource): Cue[] {
  const cues = labels.flatMap(({ label, segments }) =>
    segments.map(({ startMs, endMs }) => ({ label, startMs, endMs })),
  );
  return cues.sort((a, b) => a.startMs - b.startMs || (a.label < b.label ? -1 : 1));
}

/** HH:MM:SS and milliseconds after `mark`; hours grow beyond two digits. */
export function toCueTime(ms: number, mark: '.' | ','): string {
  const part = (unitMs: number, of: number, digits = 2): string =>
    String(Math.floor(ms / unitMs) % of).padStart(digits, '0');
  const hours = String(Math.floor(ms / 3_600_000)).padStart(2, '0');
  return `${hours}:${part(60_000, 60)}:${part(1000, 60)}${mark}${part(1, 1000, 3)}`;
}

/** Text on one line, never empty: a line break would end a cue's time, an empty line the cue. */
export function toOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim() || '\uFFFD';
}
