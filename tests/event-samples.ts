import { EventWriter } from '../src/publish/event-writer.js';
import { toLostEvent } from '../src/publish/lost-event.js';
import { toStreamEvent } from '../src/publish/stream-events.js';
import type { JournalRow, LabelcastEvent, LabelEvent, LostEvent } from '../src/types.js';
import { ended, eventContext, fileIdentity, started } from './unit/publish/samples.js';

/** In place of a label event that a sink would not take. */
export function toLost(event: LabelEvent): LostEvent {
  return toLostEvent(event, 'it is too large')!; // it has a number
}

/** One event of each type, those of labels of a live stream, as a journal has them. */
export function toRowsOfEachType(committedMs: number): JournalRow[] {
  const context = eventContext('cat');
  const live = { ...context.identity, kind: 'live', clock: 'receive', startTimeMs: committedMs } as const;
  const updated = { ...started(0, 0), phase: 'updated', reason: 'resumed', atMs: 2000 } as const;
  const writer = new EventWriter({ ...context, identity: live });
  const labels = writer.write([started(0, 0), updated, ended(0, 0, 4000)], committedMs).events;
  const end = { ...fileIdentity('cat'), state: 'failed', cause: 'corrupt' } as const;
  const events: LabelcastEvent[] = [
    ...labels,
    toLost(labels[0]!),
    new EventWriter(context).complete(1000, committedMs),
    toStreamEvent('default', end, committedMs),
  ];
  return events.map((event, n) => ({ position: n + 1, json: JSON.stringify(event), committedMs, event }));
}
