import { EVENT_TYPES } from '../events.js';
import type { CloudEvent, NumberedCloudEvent } from '../types.js';
import type { NumberedEvent } from './sequence-check.js';

/** A numbered event as it was read; `type` may be one that only a newer labelcast knows. */
export type ReadEvent = CloudEvent<Omit<NumberedEvent, 'id'>>;

const LABEL_TYPES = new Set<string>([EVENT_TYPES.started, EVENT_TYPES.updated, EVENT_TYPES.ended]);
const TYPES = new Set<string>([...LABEL_TYPES, EVENT_TYPES.completed, EVENT_TYPES.lost]);

export function isLabelType(type: string): boolean {
  return LABEL_TYPES.has(type);
}

/** Whether this labelcast knows what the event says, beyond its number. */
export function isKnown(event: ReadEvent): event is NumberedCloudEvent {
  return TYPES.has(event.type);
}

/** By what its number is told from others: what takes the place of an event counts as that event. */
export function toNumbered(event: ReadEvent): NumberedEvent {
  const { lostId } = event.data as { readonly lostId?: unknown };
  const id = event.type === EVENT_TYPES.lost && typeof lostId === 'string' ? lostId : event.id;
  return { ...event.data, id };
}
