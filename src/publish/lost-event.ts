import { EVENT_TYPES } from '../events.js';
import type { LabelcastEvent, LostEvent } from '../types.js';
import { toLostId } from './ids.js';
import { DATA_SCHEMAS } from './stream-events.js';

/**
 * What takes the place of an event that a sink will not take: with its number, so that readers see no hole. Null: it has none, and
 * nothing takes its place. `detail`: why, for people to read.
 */
export function toLostEvent(event: LabelcastEvent, detail: string): LostEvent | null {
  if (event.sequence === undefined) return null;
  const { id: lostId, type: lostType, data } = event;
  if (!('sequence' in data)) return null;
  const { streamId, kind, epoch, sourceUri, sequence } = data;
  return {
    ...event,
    id: toLostId(epoch, streamId, sequence),
    type: EVENT_TYPES.lost,
    dataschema: DATA_SCHEMAS.lost,
    data: {
      streamId,
      kind,
      epoch,
      sourceUri,
      sequence,
      state: 'lost',
      lostId,
      lostType,
      ...('segmentId' in data && data.segmentId !== undefined && { segmentId: data.segmentId }),
      detail,
      ...('previous' in data && data.previous !== undefined && { previous: data.previous }),
    },
  };
}
