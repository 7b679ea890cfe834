import { expect, test } from '@jest/globals';
import { planProvider } from '../../../src/infer/provider-plan.js';
import { restartDelayMs } from '../../../src/infer/tagger-life.js';

test('auto is the CPU, with a session for each core up to eight, and files alone in their batch', () => {
  expect([1, 2, 64].map((cores) => planProvider('auto', cores).sessions)).toEqual([1, 2, 8]);
  expect(planProvider('auto', 2)).toEqual({
    provider: 'cpu',
    sessions: 2,
    batchSizes: [1, 2, 4],
    fileBatch: 1,
  });
});

test('a GPU gets one session, and files a size that is warm', () => {
  const plan = planProvider('cuda', 64);
  expect([plan.provider, plan.sessions, plan.batchSizes.includes(plan.fileBatch)]).toEqual(['cuda', 1, true]);
});

test('three restarts come at once, later ones after a wait that doubles up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 7, 8, 20].map(restartDelayMs)).toEqual([
    0, 0, 0, 1000, 2000, 16_000, 30_000, 30_000,
  ]);
});
