import type { ReportSegment } from '../report-data.js';
import type { SourceState } from './source-state.js';
import { toTimeOf } from './time-of.js';
import { toLengthText } from '../time-text.js';

/** `0:00.0 – 0:03.2 · 3.2 s · peak 0.98 · mean 0.67` */
export function toSegmentText(
  state: SourceState,
  { startMs, endMs, peak, mean, isOpen }: ReportSegment,
): string {
  const end = isOpen ? 'not ended' : toTimeOf(state, endMs);
  const length = toLengthText(endMs - startMs);
  return `${toTimeOf(state, startMs)} – ${end} · ${length} · peak ${peak.toFixed(2)} · mean ${mean.toFixed(2)}`;
}
