import type { KafkaRecord } from '../kafka-client.js';
import { EVENT_TYPES, EXPIRES_AFTER_MS, type KafkaTopics, type StateRecord } from '../events.js';
import type { JournalRow, LabelcastEvent, LabelEvent, LabelEventData } from '../types.js';

/** A record, the topic it goes to, and what it is called in a message. */
export interface TopicRecord {
  readonly topic: string;
  readonly record: KafkaRecord;
  readonly name: string;
}

/** The records of a committed event, the same bytes each time; `state` only of live label events. */
export function toTopicRecords(row: JournalRow, topics: KafkaTopics): TopicRecord[] {
  const { event, committedMs: timestampMs } = row;
  const { streamId } = event.data;
  const name = `event ${event.id} of ${streamId}`;
  const whole = { key: streamId, value: JSON.stringify(event.data), headers: toHeaders(event), timestampMs };
  if (event.type === EVENT_TYPES.state) return [{ topic: topics.streams, record: whole, name }];
  const records: TopicRecord[] = [{ topic: topics.labels, record: whole, name }];
  if (isLiveLabelEvent(event))
    records.push({ topic: topics.state, record: toStateRecord(event.data, timestampMs), name });
  return records;
}

/** Takes the open segment of a key out of the state topic. */
export function toTombstone(key: string, timestampMs: number): KafkaRecord {
  return { key, value: null, headers: {}, timestampMs };
}

/** Key of the state topic. */
export function toStateKey({ streamId, label }: Pick<LabelEventData, 'streamId' | 'label'>): string {
  return `${streamId}/${label}`;
}

/** CloudEvents Kafka binding, binary mode: the attributes are headers, the value is `data`. */
function toHeaders(event: LabelcastEvent): Record<string, string> {
  const { specversion, id, type, source, subject, time, sequence, partitionkey, dataschema } = event;
  const attributes = { specversion, id, type, source, subject, time, sequence, partitionkey, dataschema };
  const headers = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(headers.map(([name, value]) => [`ce_${name}`, value as string])),
    'content-type': 'application/json',
  };
}

function isLiveLabelEvent(event: LabelcastEvent): event is LabelEvent {
  return event.data.kind === 'live' && event.type.startsWith('io.labelcast.label.');
}

function toStateRecord(data: LabelEventData, timestampMs: number): KafkaRecord {
  const key = toStateKey(data);
  if (data.phase === 'ended') return toTombstone(key, timestampMs);
  const { epoch, sequence, segmentId, label, streamId, startMs, startTime, confirmedMs, score } = data;
  const lastSeenMs = startTime === null ? timestampMs : Date.parse(startTime) + confirmedMs - startMs;
  const value: StateRecord = {
    epoch,
    sequence,
    segmentId,
    label,
    streamId,
    startMs,
    startTime,
    lastSeenTime: new Date(lastSeenMs).toISOString(),
    expiresTime: new Date(lastSeenMs + EXPIRES_AFTER_MS).toISOString(),
    score,
  };
  return { key, value: JSON.stringify(value), headers: { 'content-type': 'application/json' }, timestampMs };
}
