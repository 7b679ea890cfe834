import { expect, test } from '@jest/globals';
import { toCloudEvent } from '../../../src/consume/kafka-event.js';
import { LabelSequence } from '../../../src/consume/label-sequence.js';
import { EVENT_TYPES, toTopics } from '../../../src/events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { toTopicRecords } from '../../../src/publish/kafka-records.js';
import type { LabelcastEvent, NumberedCloudEvent } from '../../../src/types.js';
import { ended, eventContext, started } from '../publish/samples.js';

const written = new EventWriter(eventContext('cat')).write(
  [started(0, 0), started(1, 400), ended(0, 0, 2000), ended(1, 400, 3000)],
  0,
).events;

/** What a reader of the topic is told of events. */
async function toldOf(events: readonly object[]): Promise<string[]> {
  const told: string[] = [];
  const sequence = new LabelSequence({
    event: ({ data }: NumberedCloudEvent) => void told.push(`event ${data.sequence}`),
    finding: ({ kind, from, to }) => void told.push(`${kind} ${from}-${to}`),
    trouble: ({ message }) => void told.push(message),
  });
  for (const event of events) {
    const row = { position: 1, event: event as LabelcastEvent, json: '', committedMs: 0 };
    await sequence.take(
      toCloudEvent({ ...toTopicRecords(row, toTopics())[0]!.record, partition: 0, offset: 0 })!,
    );
  }
  return told;
}

test('what only a newer labelcast knows is passed over and told once, and leaves no hole', async () => {
  const newer = (n: number) => ({
    ...written[n]!,
    type: 'io.labelcast.label.paused.v1',
    data: { ...written[n]!.data, label: 7 },
  });
  expect(await toldOf([written[0]!, newer(1), newer(2), written[3]!])).toEqual([
    'event 1',
    'events of the unknown type io.labelcast.label.paused.v1 are passed over',
    'event 4',
  ]);
});

test('what was skipped by hand is told as lost, not as missing; what it stands for is the same event', async () => {
  const { streamId, kind, epoch, sourceUri } = written[1]!.data;
  const data = { streamId, kind, epoch, sourceUri, sequence: 2, state: 'lost', lostId: written[1]!.id };
  const lost = { ...written[1]!, id: 'lost-2', type: EVENT_TYPES.lost, data };
  expect(await toldOf([written[0]!, lost, lost, written[1]!, written[2]!])).toEqual([
    'event 1',
    'lost 2-2',
    'event 2',
    'repeat 2-2',
    'repeat 2-2',
    'event 3',
  ]);
});
