import { expect, test } from '@jest/globals';
import { checkUnchanged, readCounts, readPlaces, toCursor } from '../../../src/publish/kafka-partitions.js';

const COUNTS = new Map([
  ['p.labels', 6],
  ['p.state', 3],
]);

test('a cursor tells the partitions again; one of an earlier version, and none at all, tell of none', () => {
  expect(toCursor(1234, COUNTS)).toBe('1234 p.labels=6 p.state=3');
  expect(readCounts('1234 p.labels=6 p.state=3')).toEqual(COUNTS);
  for (const cursor of ['1234', '', null]) expect(readCounts(cursor)).toEqual(new Map());
});

test('a cursor tells offsets again, also those that are not known', () => {
  const places = new Map([
    [
      'p.labels',
      new Map([
        [0, 17],
        [4, 5],
      ]),
    ],
  ]);
  const cursor = '1234 p.labels=6 p.state=3 p.labels@17,,,,5,';
  expect(toCursor(1234, COUNTS, places)).toBe(cursor);
  expect(readPlaces(cursor)).toEqual(places);
  expect(readCounts(cursor)).toEqual(COUNTS);
  for (const other of ['1234 p.labels=6 p.state=3', '1234', '', null])
    expect(readPlaces(other)).toEqual(new Map());
});

test('topics that have other partitions than before are told; new topics and unknown ones are not', () => {
  const grown = new Map([...COUNTS, ['p.labels', 12], ['p.streams', 6]] as const);
  expect(checkUnchanged(COUNTS, COUNTS)).toEqual([]);
  expect(checkUnchanged(new Map(), grown)).toEqual([]);
  expect(checkUnchanged(COUNTS, grown)).toEqual([
    {
      message:
        'p.labels has 12 partitions and had 6 when it was last delivered to: streams go on in other partitions, and their order holds only from here on',
      remedy: expect.stringMatching(/^let readers take what was there before first; never add partitions/),
    },
  ]);
});
