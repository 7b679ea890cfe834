import type { StreamCause } from '../errors.js';
import { EVENT_TYPES } from '../events.js';
import type { StreamIdentity, StreamStateEvent, StreamStateEventData } from '../types.js';
import { toStreamStateId } from './ids.js';

const SCHEMA_FOLDER = 'https://labelcast.io/schema';

/** `$id` of the JSON Schemas of the events' data, in docs/schema. */
export const DATA_SCHEMAS = {
  label: `${SCHEMA_FOLDER}/label-event.v1.json`,
  completed: `${SCHEMA_FOLDER}/completed-event.v1.json`,
  stream: `${SCHEMA_FOLDER}/stream-event.v1.json`,
  lost: `${SCHEMA_FOLDER}/lost-event.v1.json`,
} as const;

/** How a stream stands, or ended; `epoch` is null for a source that has no identity. */
export interface StreamStanding extends Pick<StreamIdentity, 'streamId' | 'kind' | 'sourceUri'> {
  readonly epoch: string | null;
  readonly state: StreamStateEventData['state'];
  /** With `failed` and `offline`. */
  readonly cause?: StreamCause;
  readonly durationMs?: number;
}

/** CloudEvents `source` of a stream. */
export function toEventSource(deployment: string, streamId: string): string {
  return `/labelcast/${deployment}/streams/${streamId}`;
}

/** How a stream stands, unnumbered; `nowMs`: the commit time, milliseconds since 1970. */
export function toStreamEvent(deployment: string, standing: StreamStanding, nowMs: number): StreamStateEvent {
  const { streamId, kind, sourceUri, epoch, state, cause, durationMs } = standing;
  const time = new Date(nowMs).toISOString();
  return {
    specversion: '1.0',
    id: toStreamStateId(epoch, streamId, state, kind === 'live' && epoch !== null ? time : null),
    type: EVENT_TYPES.state,
    source: toEventSource(deployment, streamId),
    time,
    partitionkey: streamId,
    datacontenttype: 'application/json',
    dataschema: DATA_SCHEMAS.stream,
    data: {
      streamId,
      kind,
      epoch,
      sourceUri,
      state,
      ...(cause === undefined ? {} : { cause }),
      ...(durationMs === undefined ? {} : { durationMs }),
    },
  };
}
