import { expect, test } from '@jest/globals';
import { PublishError } from '../../../src/errors.js';
import { RoomWait } from '../../../src/publish/room-wait.js';

const full = (): PublishError => new PublishError('the disk is full', { isOutOfRoom: true });

/** An attempt that ends as it is told to, in turn. */
function inTurn(...ends: (Error | 'done')[]): () => Promise<void> {
  return () => {
    const end = ends.shift()!;
    return end === 'done' ? Promise.resolve() : Promise.reject(end);
  };
}

test('that there is room again is told though the last of those that waited fails for another reason', async () => {
  const told: string[] = [];
  const room = new RoomWait({
    signal: new AbortController().signal,
    missing: ({ message }) => told.push(message),
    found: () => told.push('found'),
  });
  const first = room.call(inTurn(full(), 'done'));
  const last = room.call(inTurn(full(), full(), new PublishError('no such epoch')));
  await first;
  await expect(last).rejects.toThrow('no such epoch');
  expect(told).toEqual(['the disk is full', 'found']);
});

test('of a disk that stays full nobody is told that there is room', async () => {
  const told: string[] = [];
  const stop = new AbortController();
  const room = new RoomWait({
    signal: stop.signal,
    missing: ({ message }) => told.push(message),
    found: () => told.push('found'),
  });
  const waiting = room.call(() => Promise.reject(full()));
  await Promise.resolve();
  stop.abort();
  await expect(waiting).rejects.toThrow('the disk is full');
  expect(told).toEqual(['the disk is full']);
});
