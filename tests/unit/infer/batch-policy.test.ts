import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideBatch, type QueueView } from '../../../src/infer/batch-policy.js';

const LIMITS = { maxBatch: 4, fileBatch: 2, maxDelayMs: 40 };

function view(live: number, files: number, canGrow = true): QueueView {
  return { live: { frames: live, oldestMs: 100 }, files: { frames: files, oldestMs: 110 }, canGrow };
}

test.each([
  ['nothing waits', view(0, 0), 100, null],
  ['live frames wait for others', view(3, 0), 110, { waitMs: 30 }],
  ['live frames fill a batch', view(5, 0), 100, { closedBy: 'size', live: 4, files: 0 }],
  ['the oldest live frame waited long enough', view(3, 0), 140, { closedBy: 'delay', live: 3, files: 0 }],
  ['no stream can add a frame', view(3, 0, false), 110, { closedBy: 'end', live: 3, files: 0 }],
  ['file frames fill a batch', view(0, 7), 110, { closedBy: 'size', live: 0, files: 2 }],
  ['a file frame waits for others', view(0, 1), 110, { waitMs: 40 }],
  ['no file can add a frame', view(0, 1, false), 110, { closedBy: 'end', live: 0, files: 1 }],
  ['live goes before files', view(1, 7), 110, { closedBy: 'size', live: 1, files: 1 }],
  [
    'live alone fills what a batch with a file may hold',
    view(3, 7),
    110,
    { closedBy: 'size', live: 3, files: 0 },
  ],
])('%s', (_, seen, nowMs, decision) => {
  expect(decideBatch(seen, LIMITS, nowMs)).toEqual(decision);
});

test('a batch never exceeds its limit, and nothing waits longer than the delay', () => {
  const some = fc.record({ frames: fc.nat(40), oldestMs: fc.nat(200) });
  const limits = fc.record({
    maxBatch: fc.integer({ min: 1, max: 32 }),
    fileBatch: fc.integer({ min: 1, max: 8 }),
    maxDelayMs: fc.nat(100),
  });
  fc.assert(
    fc.property(some, some, fc.boolean(), limits, (live, files, canGrow, limit) => {
      const decision = decideBatch({ live, files, canGrow }, limit, 200);
      if (decision === null) return live.frames + files.frames === 0;
      if ('waitMs' in decision) return canGrow && decision.waitMs > 0 && decision.waitMs <= limit.maxDelayMs;
      const size = decision.live + decision.files;
      const allowed = decision.files > 0 ? limit.fileBatch : limit.maxBatch;
      return size > 0 && size <= allowed && decision.live <= live.frames && decision.files <= files.frames;
    }),
  );
});
