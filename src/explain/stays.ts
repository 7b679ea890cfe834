import type { LabelPhase } from '../infer/smoother.js';
import type { LabelTrace } from './label-trace.js';

/** How long a label was in a state, in milliseconds of media. */
export interface Stay {
  readonly phase: LabelPhase;
  readonly startMs: number;
  readonly endMs: number;
}

/** The states of a label by time: an observation holds until the next one, and to where nothing could be seen. */
export function toStays({ points, blind, endMs }: LabelTrace): Stay[] {
  const stays: Stay[] = [];
  let gap = 0;
  for (const [n, { atMs, phase }] of points.entries()) {
    const nextMs = points[n + 1]?.atMs ?? Math.max(atMs, endMs);
    while (gap < blind.length && blind[gap]!.startMs < atMs) gap++;
    const blindMs = blind[gap]?.startMs ?? Number.POSITIVE_INFINITY;
    const untilMs = blindMs < nextMs ? blindMs : nextMs;
    const last = stays.at(-1);
    if (last?.phase === phase && last.endMs === atMs) stays[stays.length - 1] = { ...last, endMs: untilMs };
    else stays.push({ phase, startMs: atMs, endMs: untilMs });
  }
  return stays;
}
