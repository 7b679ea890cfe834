import { expect, test } from '@jest/globals';
import { FrameLog } from '../../../src/ingest/frame-log.js';

async function damaged(log: FrameLog, times: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const ptsMs of times) if ((await log.next(ptsMs)).damaged) found.push(ptsMs);
  return found;
}

test('the frame after an error is damaged, the one after that is not', async () => {
  const log = new FrameLog(8, 300);
  log.announce();
  log.report();
  log.announce();
  log.announce();
  expect(await damaged(log, [0, 200, 400])).toEqual([200]);
});

test('an error told before frames that were held back still counts for the hole after them', async () => {
  const log = new FrameLog(3, 300);
  log.report();
  log.report();
  for (let frame = 0; frame < 4; frame++) log.announce();
  expect(await damaged(log, [0, 200, 400, 10_000])).toEqual([0, 10_000]);
});

test('a hole long after an error is no damage', async () => {
  const log = new FrameLog(2, 300);
  log.report();
  for (let frame = 0; frame < 5; frame++) log.announce();
  expect(await damaged(log, [0, 200, 400, 600, 10_000])).toEqual([0]);
});

test('a frame waits for its announcement, or for the end of all announcements', async () => {
  const log = new FrameLog(2, 300);
  const first = log.next(0);
  log.report();
  log.announce();
  expect((await first).damaged).toBe(true);
  const second = log.next(200);
  log.close();
  expect((await second).damaged).toBe(false);
});

test('an error after the last frame is damage at the end until enough frames came after it', () => {
  const log = new FrameLog(1, 300);
  expect(log.isDamagedAtEnd).toBe(false);
  log.report();
  expect(log.isDamagedAtEnd).toBe(true);
  log.announce();
  log.announce();
  expect(log.isDamagedAtEnd).toBe(false);
});

test('the first frame after new filters is marked, but not the very first', async () => {
  const log = new FrameLog(1, 300);
  log.configure();
  log.announce();
  log.configure();
  log.announce();
  log.announce();
  const marks = [await log.next(0), await log.next(200), await log.next(400)].map((r) => r.isNewGraph);
  expect(marks).toEqual([false, true, false]);
});
