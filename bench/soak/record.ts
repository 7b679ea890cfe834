import { readFileSync } from 'node:fs';
import type { StoredRecord } from '../../src/kafka-client.js';
import { JournalDatabase } from '../../src/publish/journal-database.js';
import type { LabelcastEvent, LabelEventData, Segment } from '../../src/types.js';
import { readWithKcat } from '../../tests/services/kafka-topic.js';
import { framesOf } from '../live/frame-accounts.js';

/** A stream as the journal holds it, in UTC milliseconds since 1970 where it says so. */
export interface StreamRecord {
  readonly streamId: string;
  readonly epochs: readonly string[];
  /** UTC of media time 0. */
  readonly originMs: number;
  /** Media times of all scored frames. */
  readonly framesMs: readonly number[];
  readonly segments: readonly Segment[];
  readonly events: readonly LabelEventData[];
}

/** All that a soak left behind. */
export interface SoakRecord {
  readonly events: readonly { readonly event: LabelcastEvent; readonly json: string }[];
  readonly streams: readonly StreamRecord[];
  /** Without the last line break. */
  readonly ndjson: string;
  /** Records of the topics of label and of stream events, by partition and offset. */
  readonly records: readonly StoredRecord[];
}

export interface SoakPlaces {
  readonly journal: string;
  readonly ndjson: string;
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
}

/** Reads the journal, whose service has ended, the NDJSON file and the topics. */
export async function readRecord(streamIds: readonly string[], places: SoakPlaces): Promise<SoakRecord> {
  const database = new JournalDatabase(places.journal);
  try {
    const rows = database.read(0, Number.MAX_SAFE_INTEGER);
    const events = rows.map(({ json }) => ({ json, event: JSON.parse(json) as LabelcastEvent }));
    const segments = database.segments();
    const streams = streamIds.map((streamId): StreamRecord => {
      return {
        streamId,
        ...framesOf(database, streamId),
        epochs: [
          ...new Set(
            events
              .map(({ event }) => event)
              .filter(isOf(streamId))
              .map(toEpoch),
          ),
        ],
        segments: segments.filter((segment) => segment.streamId === streamId),
        events: events.flatMap(({ event }) => (isOf(streamId)(event) && isLabel(event) ? [event.data] : [])),
      };
    });
    const records = await Promise.all(places.topics.map((topic) => readWithKcat(places.brokers, topic)));
    return {
      events,
      streams,
      ndjson: readFileSync(places.ndjson, 'utf8').trimEnd(),
      records: records.flat(),
    };
  } finally {
    database.close();
  }
}

type LabelEvent = Extract<LabelcastEvent, { data: LabelEventData }>;

function isOf(streamId: string): (event: LabelcastEvent) => boolean {
  return (event) => event.data.streamId === streamId;
}

function isLabel(event: LabelcastEvent): event is LabelEvent {
  return event.type.startsWith('io.labelcast.label.');
}

function toEpoch(event: LabelcastEvent): string {
  return String(event.data.epoch);
}
