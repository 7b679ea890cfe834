import { EVENT_TYPES } from '../src/events.js';
import { EventWriter } from '../src/publish/event-writer.js';
import { toLostId } from '../src/publish/ids.js';
import { DATA_SCHEMAS, toStreamEvent } from '../src/publish/stream-events.js';
import type { JournalRow, LabelcastEvent, LabelEvent, LostEvent } from '../src/types.js';
import { ended, eventContext, fileIdentity, started } from './unit/publish/samples.js';

/** In place of a label event that a sink would not take. */
export function toLost({ id, type, data, ...envelope }: LabelEvent): LostEvent {
  const { streamId, kind, epoch, sourceUri, sequence, segmentId, previous } = data;
  const lost = { lostId: id, lostType: type, segmentId, detail: 'it is too large' };
  const before = previous === undefined ? {} : { previous };
  return {
    ...envelope,
    id: toLostId(epoch, streamId, sequence),
    type: EVENT_TYPES.lost,
    dataschema: DATA_SCHEMAS.lost,
    data: { streamId, kind, epoch, sourceUri, sequence, state: 'lost', ...lost, ...before },
  };
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
