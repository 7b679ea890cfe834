import { expect, test } from '@jest/globals';
import { KafkaPositions } from '../../src/kafka-positions.js';

const RANGES = [
  { partition: 0, low: 3, high: 10 },
  { partition: 1, low: 0, high: 0 },
];

test('from the beginning: at what is still there, to the end of all partitions', () => {
  const positions = new KafkaPositions('beginning');
  positions.update(RANGES);
  expect([[...positions.all], positions.isAtEnd]).toEqual([
    [
      [0, 3],
      [1, 0],
    ],
    false,
  ]);
  positions.advance(0, 10);
  expect(positions.isAtEnd).toBe(true);
});

test('from now: at the end; a partition that is added later is read whole', () => {
  const positions = new KafkaPositions('now');
  positions.update(RANGES);
  expect(positions.isAtEnd).toBe(true);
  positions.update([...RANGES, { partition: 2, low: 0, high: 4 }]);
  expect([...positions.all]).toEqual([
    [0, 10],
    [1, 0],
    [2, 0],
  ]);
});

test('it never moves back, and passes over what was removed meanwhile', () => {
  const positions = new KafkaPositions('beginning');
  positions.update(RANGES);
  positions.advance(0, 7);
  positions.advance(0, 5);
  expect(positions.next(0)).toBe(7);
  positions.update([{ partition: 0, low: 8, high: 12 }]);
  expect(positions.next(0)).toBe(8);
});

test('a topic that was made anew is read from its beginning', () => {
  const positions = new KafkaPositions('beginning');
  positions.update([{ partition: 0, low: 0, high: 100 }]);
  positions.advance(0, 100);
  positions.update([{ partition: 0, low: 0, high: 5 }]);
  expect([positions.next(0), positions.isAtEnd]).toEqual([0, false]);
});

test('from a time: where the brokers find it, a partition that is added later whole', () => {
  const positions = new KafkaPositions('beginning');
  expect(positions.isNew).toBe(true);
  positions.update(
    RANGES,
    new Map([
      [0, 7],
      [1, 0],
    ]),
  );
  positions.update([...RANGES, { partition: 2, low: 1, high: 4 }]);
  expect([positions.isNew, ...positions.all]).toEqual([false, [0, 7], [1, 0], [2, 1]]);
});
