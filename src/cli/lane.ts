/** Where a lane lies in media time. */
export interface LaneSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * One line of `cells` signs over the span: each shows how much of its time the segments cover, from a blank over
 * `levels` to the fullest. A segment too short for its cell still shows.
 */
export function toLane(
  segments: readonly { readonly startMs: number; readonly endMs: number }[],
  { fromMs, toMs }: LaneSpan,
  cells: number,
  levels: readonly string[],
): string {
  const cellMs = Math.max(1, toMs - fromMs) / cells;
  const coveredMs = new Float64Array(cells);
  for (const { startMs, endMs } of segments) {
    const [start, end] = [(startMs - fromMs) / cellMs, (endMs - fromMs) / cellMs];
    const first = Math.min(cells - 1, Math.max(0, Math.floor(start)));
    for (let cell = first; cell < Math.min(cells, Math.max(end, first + 1)); cell++)
      coveredMs[cell]! += Math.max(1e-6, Math.min(end, cell + 1) - Math.max(start, cell));
  }
  return Array.from(coveredMs, (covered) =>
    covered === 0
      ? ' '
      : levels[Math.min(levels.length, Math.ceil(covered * levels.length - 1e-3) || 1) - 1]!,
  ).join('');
}
