import type { JudgedClip } from '../../src/eval/judged-clip.js';
import type { ToldSegment } from '../../src/calibrate/scored-clip.js';

/**
 * How long after a label was gone its end was told, in ms, 0 if before: of the true segments that end before the clip does and
 * that a found one overlaps. Where the label is back before its end was told, no end was, and there is no delay.
 */
export function toEndDelays({ labels, durationMs }: JudgedClip, found: readonly ToldSegment[]): number[] {
  return labels.flatMap(({ name, spans }) => {
    const own = found.filter(({ label }) => label === name);
    return spans.flatMap(({ startMs, endMs }, n) => {
      const over = own.filter((segment) => segment.startMs < endMs && segment.endMs > startMs);
      if (over.length === 0 || endMs >= durationMs) return [];
      const toldMs = Math.max(...over.map((segment) => segment.toldMs));
      const isBack = toldMs >= (spans[n + 1]?.startMs ?? Number.POSITIVE_INFINITY);
      return isBack ? [] : [Math.max(0, toldMs - endMs)];
    });
  });
}
