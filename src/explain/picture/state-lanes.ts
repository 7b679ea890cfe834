import type { LabelPhase } from '../../infer/smoother.js';
import type { LabelTrace } from '../label-trace.js';
import type { PlotFrame } from './frame.js';
import { toElement } from './markup.js';

const PHASES: readonly LabelPhase[] = ['on', 'closing', 'pending', 'off'];
const LANE_PX = 14;
const BAR_PX = 8;

export const LANES_PX = PHASES.length * LANE_PX;

/** In which state the label was when: a lane for each. */
export function drawStateLanes(trace: LabelTrace, top: number, frame: PlotFrame): string {
  const toTop = (phase: LabelPhase) => top + PHASES.indexOf(phase) * LANE_PX;
  const names = PHASES.map((phase) =>
    toElement(
      'text',
      { class: 'quiet small', x: frame.left - 8, y: toTop(phase) + 10, 'text-anchor': 'end' },
      phase,
    ),
  );
  const rules = PHASES.map((phase) => {
    const y = toTop(phase) + LANE_PX / 2;
    return toElement('line', { class: 'rule', x1: frame.left, x2: frame.right, y1: y, y2: y });
  });
  const bars = toStays(trace).map(({ phase, startMs, endMs }) => {
    const x = frame.toX(startMs);
    const width = Math.max(1, frame.toX(endMs) - x);
    const y = toTop(phase) + (LANE_PX - BAR_PX) / 2;
    return toElement('rect', { class: `stay ${phase}`, x, y, width, height: BAR_PX });
  });
  return [...names, ...rules, ...bars].join('');
}

interface Stay {
  readonly phase: LabelPhase;
  readonly startMs: number;
  endMs: number;
}

/** An observation holds until the next one, and to where nothing could be seen. */
function toStays({ points, blind, endMs }: LabelTrace): Stay[] {
  const stays: Stay[] = [];
  for (const [n, { atMs, phase }] of points.entries()) {
    const nextMs = points[n + 1]?.atMs ?? Math.max(atMs, endMs);
    const gap = blind.find(({ startMs }) => startMs >= atMs && startMs < nextMs);
    const untilMs = gap?.startMs ?? nextMs;
    const last = stays.at(-1);
    if (last?.phase === phase && last.endMs === atMs) last.endMs = untilMs;
    else stays.push({ phase, startMs: atMs, endMs: untilMs });
  }
  return stays;
}
