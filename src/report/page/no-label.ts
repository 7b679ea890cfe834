import type { ReportSource } from '../report-data.js';

/** Why a source has no label: what was never seen has not been without one. */
export function toNoLabelText({ gaps, durationMs, state }: ReportSource): string {
  const blindMs = gaps.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  if (blindMs >= durationMs) return 'Nothing could be seen.';
  return state === 'open' ? 'No label has reached its threshold yet.' : 'No label reached its threshold.';
}
