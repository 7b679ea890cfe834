import type { LabelPhase } from '../../infer/smoother.js';
import type { Stay } from '../stays.js';
import type { PlotFrame } from './frame.js';
import { dropHidden } from './hidden-spans.js';
import { toElement } from './markup.js';

const PHASES: readonly LabelPhase[] = ['on', 'closing', 'pending', 'off'];
const LANE_PX = 14;
const BAR_PX = 8;

export const LANES_PX = PHASES.length * LANE_PX;

/** In which state the label was when: a lane for each. */
export function drawStateLanes(stays: readonly Stay[], top: number, frame: PlotFrame): string {
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
  const shown = dropHidden(stays, frame, ({ phase }) => phase);
  const bars = shown.map(({ phase, startMs, endMs }) => {
    const x = frame.toX(startMs);
    const width = Math.max(1, frame.toX(endMs) - x);
    const y = toTop(phase) + (LANE_PX - BAR_PX) / 2;
    return toElement('rect', { class: `stay ${phase}`, x, y, width, height: BAR_PX });
  });
  return [...names, ...rules, ...bars].join('');
}
