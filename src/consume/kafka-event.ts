import type { StoredRecord } from '../kafka-client.js';
import type { LabelEventData } from '../types.js';
import { isLabelType, type ReadEvent } from './read-event.js';

/** Types of labelcast, those of newer versions too. */
const FAMILY = 'io.labelcast.';

/**
 * The structured form of an event in the binary mode of the CloudEvents Kafka binding, its keys in the order in which they
 * were written; null: the record holds no event of a labels topic. It may be of a type that only a newer labelcast knows.
 */
export function toCloudEvent({ headers, value }: StoredRecord): ReadEvent | null {
  const attribute = (name: string): string | undefined => headers[`ce_${name}`];
  const data = toData(value);
  if (data === null || attribute('specversion') !== '1.0' || attribute('sequence') === undefined) return null;
  const event = {
    specversion: '1.0',
    source: attribute('source'),
    sequence: attribute('sequence'),
    partitionkey: attribute('partitionkey'),
    datacontenttype: headers['content-type'],
    id: attribute('id'),
    type: attribute('type'),
    subject: attribute('subject'),
    time: attribute('time'),
    dataschema: attribute('dataschema'),
    data,
  };
  const { id, type = '' } = event;
  if (id === undefined || !type.startsWith(FAMILY)) return null;
  if (isLabelType(type) && !isLabelData(data)) return null;
  return JSON.parse(JSON.stringify(event)) as ReadEvent;
}

/** As far as it is shown: of what others write into the topic, nothing may stop a reader. */
function isLabelData(data: object): boolean {
  const { label, phase, reason, startMs, endMs, score } = data as Partial<LabelEventData>;
  const areTexts = [label, phase, reason].every((text) => typeof text === 'string');
  const areNumbers = [startMs, endMs ?? 0, score?.peak].every((value) => typeof value === 'number');
  return areTexts && areNumbers && endMs !== undefined;
}

function toData(value: string | null): object | null {
  try {
    const data: unknown = JSON.parse(value ?? '');
    if (typeof data !== 'object' || data === null) return null;
    const { streamId, epoch, sequence } = data as Partial<LabelEventData>;
    const isEvent = typeof streamId === 'string' && typeof epoch === 'string';
    return isEvent && Number.isSafeInteger(sequence) ? data : null;
  } catch {
    return null;
  }
}
