import { expect, test } from '@jest/globals';
import { EventFilter } from '../../../src/consume/event-filter.js';

function eventOf(streamId: string, label: string) {
  return { streamId, label, score: { peak: 0.7 } };
}

test('what was there is told up to a bound, once, in order', () => {
  const filter = new EventFilter({ streams: ['gaet'] });
  for (let n = 0; n < 2000; n++) filter.takes(eventOf(`s${String(n % 1500).padStart(4, '0')}`, 'dog'));
  expect(filter.summary).toMatch(
    /^0 events match; streams seen: s0000, s0001, .*s0019 and at least 980 more$/,
  );
});

test('nothing is told when something matches, or everything was asked for', () => {
  const filter = new EventFilter({ streams: ['a'], labels: ['dog'] });
  expect([filter.takes(eventOf('b', 'dog')), filter.takes(eventOf('a', 'cat'))]).toEqual([false, false]);
  expect(filter.summary).toBe('0 events match; streams seen: a, b; labels seen: cat, dog');
  expect(filter.takes(eventOf('a', 'dog'))).toBe(true);
  expect(filter.summary).toBeNull();
  expect(new EventFilter({}).summary).toBeNull();
  expect(new EventFilter({ streams: ['a'] }).summary).toBe('0 events match: there was none to read');
});

test('a lowest score leaves out what is below it and what has no score, and the highest there was is told', () => {
  const filter = new EventFilter({ labels: ['dog'], minScore: 0.8 });
  const score = { peak: 0.99 };
  const events = [eventOf('a', 'dog'), { ...eventOf('a', 'cat'), score }, { streamId: 'a' }];
  expect(events.map((one) => filter.takes(one))).toEqual([false, false, false]);
  expect(filter.summary).toBe('0 events match: the highest score is 0.7');
  expect(filter.takes({ ...eventOf('a', 'dog'), score: { peak: 0.8 } })).toBe(true);
});
