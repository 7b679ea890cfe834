import type { ReportSource } from '../report-data.js';
import { type Cue, toCues, toCueTime, toOneLine } from './cue.js';

/**
 * SubRip: a subtitle for each time in which the same labels hold, one line a label, since many players show only one
 * subtitle at a time.
 */
export function toSrt(source: ReportSource): string {
  const subtitles = toSubtitles(toCues(source));
  return subtitles
    .map(
      ({ startMs, endMs, labels }, n) =>
        `${n + 1}\n${toCueTime(startMs, ',')} --> ${toCueTime(endMs, ',')}\n${labels.map(toText).join('\n')}\n`,
    )
    .join('\n');
}

interface Subtitle {
  readonly startMs: number;
  readonly endMs: number;
  readonly labels: readonly string[];
}

function toSubtitles(cues: readonly Cue[]): Subtitle[] {
  const turns = [...new Set(cues.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const subtitles: Subtitle[] = [];
  let open: Cue[] = [];
  let next = 0;
  for (const [n, startMs] of turns.entries()) {
    open = open.filter((cue) => cue.endMs > startMs);
    for (; cues[next] !== undefined && cues[next]!.startMs <= startMs; next++) open.push(cues[next]!);
    const labels = [...new Set(open.map(({ label }) => label))].sort();
    if (labels.length > 0) subtitles.push({ startMs, endMs: turns[n + 1]!, labels }); // each open one ends later
  }
  return subtitles;
}

const LOOKALIKES: Record<string, string> = { '<': '‹', '>': '›', '{': '(', '}': ')' };

/** SubRip cannot write as text what is a tag, or in some players a command, so that gets characters that look alike. */
function toText(label: string): string {
  return toOneLine(label).replaceAll(/[<>{}]/g, (character) => LOOKALIKES[character]!);
}
