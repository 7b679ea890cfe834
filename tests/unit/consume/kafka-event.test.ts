import { expect, test } from '@jest/globals';
import { toCloudEvent } from '../../../src/consume/kafka-event.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopics } from '../../../src/events.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import type { LabelcastEvent } from '../../../src/types.js';
import { ended, eventContext, started } from '../publish/samples.js';

function throughKafka(event: LabelcastEvent) {
  const row = { position: 1, event, json: JSON.stringify(event), committedMs: 5 };
  const [first] = toTopicRecords(row, toTopics('p'));
  return { ...first!.record, partition: 0, offset: 0 };
}

test('what was written is read byte by byte the same', () => {
  const writer = new EventWriter(eventContext('cat'));
  const { events } = writer.write([started(1, 0), ended(1, 0, 2000)], 1_700_000_000_000);
  for (const event of [...events, writer.complete(9000, 1_700_000_000_000)])
    expect(JSON.stringify(toCloudEvent(throughKafka(event)))).toBe(JSON.stringify(event));
});

test('what is no event of a labels topic is told from one', () => {
  const { events } = new EventWriter(eventContext('cat')).write([started(0, 0)], 0);
  const record = throughKafka(events[0]!);
  const { ce_id: _id, ...rest } = record.headers;
  for (const other of [
    { ...record, value: null },
    { ...record, value: 'hello' },
    { ...record, value: '[1]' },
    { ...record, value: '{"streamId":"x","epoch":"e"}' },
    { ...record, value: '{"streamId":"x","epoch":"e","sequence":1}' },
    ...['streamId', 'epoch', 'label', 'phase', 'reason', 'startMs', 'endMs', 'score'].map((name) => ({
      ...record,
      value: JSON.stringify({ ...events[0]!.data, [name]: [1] }),
    })),
    { ...record, headers: {} },
    { ...record, headers: { ...record.headers, ce_type: 'com.example.order.v1' } },
    { ...record, headers: rest },
  ])
    expect(toCloudEvent(other)).toBeNull();
});
