import { expect, test } from '@jest/globals';
import { LabelSegments } from '../../../src/consume/label-segments.js';
import { EVENT_TYPES } from '../../../src/events.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import type { LabelEvent, NumberedCloudEvent } from '../../../src/types.js';
import { ended, eventContext, started } from '../publish/samples.js';

/** The events of a stream in an epoch named by a letter: a person from 0 to 2 s, a dog from 0.4 s on, a person from 3 s on. */
function eventsOf(epoch: string): LabelEvent[] {
  const context = eventContext(epoch);
  const identity = { ...context.identity, streamId: 'gate', kind: 'live', startTimeMs: 0 } as const;
  const transitions = [started(0, 0), started(1, 400), ended(0, 0, 2000), started(0, 3000)];
  return new EventWriter({ ...context, identity }).write(transitions, 0).events;
}

const [person, dog, personEnded, next] = eventsOf('a') as [LabelEvent, LabelEvent, LabelEvent, LabelEvent];

function take(events: readonly NumberedCloudEvent[]): string[] {
  const segments = new LabelSegments();
  return events.map((event) =>
    segments
      .take(event)
      .map(
        ({ label, startMs, endMs, endReason }) => `${label} ${startMs}-${endMs ?? ''} ${endReason ?? 'open'}`,
      )
      .join(', '),
  );
}

test('a segment comes when it begins and again when it ends', () => {
  expect(take([person, dog, personEnded, next])).toEqual([
    'person 0- open',
    'dog 400- open',
    'person 0-2000 threshold',
    'person 3000- open',
  ]);
});

test('one whose beginning was not read is whole all the same', () => {
  expect(take([personEnded])).toEqual(['person 0-2000 threshold']);
});

test('one whose end has not come is closed by the next of its label, and mended when it comes late', () => {
  expect(take([person, next, personEnded])).toEqual([
    'person 0- open',
    'person 0-400 missing, person 3000- open',
    'person 0-2000 threshold',
  ]);
});

test('events that come late or again bring back nothing that is over', () => {
  expect(take([personEnded, person, next, person])).toEqual([
    'person 0-2000 threshold',
    '',
    'person 3000- open',
    '',
  ]);
});

test('a newer epoch closes what is open in the older one, which opens nothing any more', () => {
  const [newer] = eventsOf('b') as [LabelEvent];
  expect(take([person, dog, newer, dog, personEnded])).toEqual([
    'person 0- open',
    'dog 400- open',
    'person 0-400 newer-epoch, dog 400-800 newer-epoch, person 0- open',
    '',
    'person 0-2000 threshold',
  ]);
});

test('a file that is completed, and an end that was skipped by hand, leave nothing open', () => {
  const { streamId, kind, epoch, sourceUri, segmentId } = dog.data;
  const base = { streamId, kind, epoch, sourceUri };
  const completed: NumberedCloudEvent = {
    ...dog,
    type: EVENT_TYPES.completed,
    data: { ...base, sequence: 5, state: 'completed', durationMs: 4000 },
  };
  const lost: NumberedCloudEvent = {
    ...dog,
    type: EVENT_TYPES.lost,
    data: {
      ...base,
      sequence: 5,
      state: 'lost',
      lostId: 'x',
      lostType: EVENT_TYPES.ended,
      segmentId,
      detail: '',
    },
  };
  const closed = ['person 0- open', 'dog 400- open', 'person 0-400 missing, dog 400-800 missing'];
  expect(take([person, dog, completed])).toEqual(closed);
  expect(take([person, dog, lost])).toEqual([...closed.slice(0, 2), 'dog 400-800 missing']);
});

test('times of what is closed for want of an end are those of its last event', () => {
  const segments = new LabelSegments();
  segments.take(person);
  const [closed] = segments.take(eventsOf('b')[0]!);
  expect(closed).toMatchObject({
    endMs: 400,
    endTime: '1970-01-01T00:00:00.400Z',
    segmentId: person.data.segmentId,
  });
  expect(segments.open.map(({ epoch }) => epoch)).toEqual([eventsOf('b')[0]!.data.epoch]);
});
