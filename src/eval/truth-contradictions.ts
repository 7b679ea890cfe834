import { toHint } from '../config/did-you-mean.js';
import { byLabel } from './judged-clip.js';
import { type PlacedSpan, type PlacedTruth, toSecondsText } from './truth-problem.js';

/** What a truth says that cannot be, each in words with its place; the clip is not asked. */
export function findContradictions({ durationMs, labels, segments, optional }: PlacedTruth): string[] {
  const spans = [...segments, ...optional];
  return [
    ...(durationMs !== null && durationMs <= 0 ? [`durationMs: ${durationMs} is not above 0`] : []),
    ...spans.flatMap(findMisshapen),
    ...(durationMs === null ? [] : spans.flatMap((span) => findBeyond(span, durationMs))),
    ...findOverlaps(segments),
    ...(labels === null ? [] : spans.flatMap((span) => findUnjudged(span, labels))),
  ];
}

function findMisshapen({ at, label, startMs, endMs }: PlacedSpan): string[] {
  if (startMs < 0) return [`${at}: ${label} begins at ${toSecondsText(startMs)}, before the clip`];
  if (endMs > startMs) return [];
  const end = endMs === startMs ? 'where it begins' : `before it begins at ${toSecondsText(startMs)}`;
  return [`${at}: ${label} ends at ${toSecondsText(endMs)}, ${end}`];
}

function findBeyond({ at, label, endMs }: PlacedSpan, durationMs: number): string[] {
  if (endMs <= durationMs || durationMs <= 0) return [];
  return [
    `${at}: ${label} ends at ${toSecondsText(endMs)}, beyond the clip, whose durationMs is ${durationMs}`,
  ];
}

/** Each segment that begins before an earlier one of its label has ended. */
function findOverlaps(segments: readonly PlacedSpan[]): string[] {
  return [...byLabel(segments)].flatMap(([label, spans]) => {
    const found: string[] = [];
    let latest: PlacedSpan | null = null;
    for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
      if (latest !== null && span.startMs < latest.endMs && span.endMs > span.startMs)
        found.push(
          `${span.at}: ${label} begins at ${toSecondsText(span.startMs)}, before that of ${latest.at} ends at ${toSecondsText(latest.endMs)}`,
        );
      if (latest === null || span.endMs > latest.endMs) latest = span;
    }
    return found;
  });
}

function findUnjudged({ at, label }: PlacedSpan, labels: readonly string[]): string[] {
  return labels.includes(label) ? [] : [`${at}: ${label} is not one of labels${toHint(label, labels)}`];
}
