import { expect, test } from '@jest/globals';
import { decodeRights, encodeRightsRequest, readTopicRights } from '../../src/kafka-rights.js';

test('rights are asked for by name, without having topics created', () => {
  expect(encodeRightsRequest(['ab'])).toEqual(
    Buffer.from([
      0,
      0,
      0,
      1,
      0,
      2,
      ...Buffer.from('ab'),
      /* create */ 0,
      /* of the cluster */ 0,
      /* of topics */ 1,
    ]),
  );
});

/** A topic of one partition with one replica, and its rights as bits. */
function topic(name: string, bits: number): Buffer {
  const partition = [
    0,
    0,
    ...int(0),
    ...int(1),
    ...int(0),
    ...int(1),
    ...int(1),
    ...int(1),
    ...int(1),
    ...int(0),
  ];
  return Buffer.from([0, 0, 0, name.length, ...Buffer.from(name), 0, ...int(1), ...partition, ...int(bits)]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

test('of each topic its rights are read, of one of which nothing is said none', () => {
  const broker = [...int(1), 0, 1, 104, ...int(9092), 0xff, 0xff]; // no rack
  const head = [...int(0), ...int(1), ...broker, 0, 1, 99, ...int(1), ...int(3)];
  const topics = [topic('a', (1 << 4) | (1 << 8)), topic('b', -(2 ** 31)), topic('c', 0)];
  const rights = decodeRights(Buffer.concat([Buffer.from(head), ...topics, int(-(2 ** 31))]));
  expect(rights).toEqual(
    new Map([
      ['a', new Set(['WRITE', 'DESCRIBE'])],
      ['c', new Set()],
    ]),
  );
});

test('a client that cannot ask knows nothing', async () => {
  expect(await readTopicRights({}, ['a'])).toEqual(new Map());
});
