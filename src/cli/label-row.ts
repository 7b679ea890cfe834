import type { NumberedCloudEvent } from '../consume/kafka-event.js';
import { toClockText } from './clock-text.js';
import { toPrintable } from './messages.js';

/** A numbered event as one line of fixed columns: it is never known which line is the last. Anybody may have written it. */
export function toLabelRow({ time, data }: NumberedCloudEvent): string {
  const place = [time, data.streamId.padEnd(24)];
  if (!('label' in data)) return toPrintable([...place, 'completed'].join('  '));
  const { label, phase, reason, startMs, endMs, score } = data;
  const until = endMs === null ? '' : toClockText(endMs);
  const columns = [label.padEnd(16), phase.padEnd(8), reason.padEnd(13)];
  const numbers = [toClockText(startMs).padStart(10), until.padStart(10), score.peak.toFixed(2)];
  return toPrintable([...place, ...columns, ...numbers].join('  '));
}
