import { expect, test } from '@jest/globals';
import type { PartitionRecords } from '../../src/kafka-driver.js';
import {
  KafkaLeaders,
  type LedPartitions,
  type PlacedMessage,
  SpreadError,
} from '../../src/kafka-leaders.js';

/** Of partitions 0, 1, 2 …, who leads them. */
function led(...leaders: readonly number[]): LedPartitions {
  return leaders.map((leader, partitionId) => ({ partitionId, leader }));
}

function message(partition: number): PlacedMessage {
  return { partition };
}

function request(partition: number, topic = 'labels'): PartitionRecords {
  return { topic, partition, records: [] };
}

test('what one broker leads goes together, across topics, and what nobody knows of yet goes alone', () => {
  const leaders = new KafkaLeaders();
  const requests = [request(0), request(1), request(2), request(0, 'state'), request(0, 'streams')];
  expect(leaders.together(requests)).toEqual([request(0)]);
  const [first, other] = [message(0), message(0)];
  leaders.begin(first);
  leaders.toPartition({ topic: 'labels', partitionMetadata: led(1, 2, 1), message: first });
  leaders.toPartition({ topic: 'state', partitionMetadata: led(1), message: other });
  expect(leaders.together(requests)).toEqual([request(0), request(2), request(0, 'state')]);
});

test('a call that would go to two brokers is not made; it may go to another one as a whole', () => {
  const leaders = new KafkaLeaders();
  const messages = [message(0), message(2)] as const;
  const attempt = (...now: readonly number[]): number[] => {
    const partitionMetadata = led(...now);
    return messages.map((one) => leaders.toPartition({ topic: 'labels', partitionMetadata, message: one }));
  };
  leaders.begin(messages[0]);
  expect(attempt(1, 2, 1)).toEqual([0, 2]);
  expect(() => attempt(1, 2, 3)).toThrow(SpreadError);
  expect(attempt(3, 2, 3)).toEqual([0, 2]);
});

test('a leader that has moved is known from the next attempt on', () => {
  const leaders = new KafkaLeaders();
  const first = message(0);
  leaders.begin(first);
  leaders.toPartition({ topic: 'labels', partitionMetadata: led(1, 1), message: first });
  expect(leaders.together([request(0), request(1)])).toHaveLength(2);
  leaders.toPartition({ topic: 'labels', partitionMetadata: led(1, 2), message: first });
  expect(leaders.together([request(0), request(1)])).toHaveLength(1);
});
