import type { ReportSource } from '../report-data.js';
import { toCues, toCueTime, toOneLine } from './cue.js';

/** WebVTT: a cue for each segment, by start, so that labels that hold at once are shown together. */
export function toVtt(source: ReportSource, generator: string): string {
  const cues = toCues(source).map(
    ({ label, startMs, endMs }, n) =>
      `${n + 1}\n${toCueTime(startMs, '.')} --> ${toCueTime(endMs, '.')}\n${escape(label)}\n`,
  );
  return [`WEBVTT\n\nNOTE ${escape(source.name)}, ${escape(generator)}\n`, ...cues].join('\n');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** With `>` too, or a label could hold the arrow that begins a cue. */
function escape(text: string): string {
  return toOneLine(text).replaceAll(/[&<>]/g, (character) => ENTITIES[character]!);
}
