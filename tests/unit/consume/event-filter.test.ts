import { expect, test } from '@jest/globals';
import { EventFilter } from '../../../src/consume/event-filter.js';
import type { NumberedCloudEvent } from '../../../src/types.js';

function eventOf(streamId: string, label: string): NumberedCloudEvent {
  return { data: { streamId, label } } as unknown as NumberedCloudEvent;
}

test('what was there is told up to a bound, once, in order', () => {
  const filter = new EventFilter(['gaet'], undefined);
  for (let n = 0; n < 2000; n++) filter.takes(eventOf(`s${String(n % 1500).padStart(4, '0')}`, 'dog'));
  expect(filter.summary).toMatch(
    /^0 events match; streams seen: s0000, s0001, .*s0019 and at least 980 more$/,
  );
});

test('nothing is told when something matches, or everything was asked for', () => {
  const filter = new EventFilter(['a'], ['dog']);
  expect([filter.takes(eventOf('b', 'dog')), filter.takes(eventOf('a', 'cat'))]).toEqual([false, false]);
  expect(filter.summary).toBe('0 events match; streams seen: a, b; labels seen: cat, dog');
  expect(filter.takes(eventOf('a', 'dog'))).toBe(true);
  expect(filter.summary).toBeNull();
  expect(new EventFilter(undefined, undefined).summary).toBeNull();
  expect(new EventFilter(['a'], undefined).summary).toBe('0 events match: there are none at all');
});
