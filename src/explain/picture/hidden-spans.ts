import type { PlotFrame, TimeSpan } from './frame.js';

/** Spans without those that would lie within the pixel that an earlier one of the same lane covers; they come by start. */
export function dropHidden<T extends TimeSpan>(
  spans: readonly T[],
  { toX }: Pick<PlotFrame, 'toX'>,
  toLane: (span: T) => string = () => '',
): T[] {
  const ends = new Map<string, number>();
  return spans.filter((span) => {
    const lane = toLane(span);
    const end = Math.max(toX(span.startMs) + 1, toX(span.endMs));
    if (end <= (ends.get(lane) ?? Number.NEGATIVE_INFINITY) + 0.5) return false;
    ends.set(lane, end);
    return true;
  });
}
