import { expect, test } from '@jest/globals';
import { planProvider } from '../../../src/infer/provider-plan.js';
import { restartDelayMs } from '../../../src/infer/tagger-life.js';

test('the CPU gets a session for each core up to eight, and files are alone in their batch', () => {
  expect([1, 2, 64].map((cores) => planProvider('cpu', { cores }).sessions)).toEqual([1, 2, 8]);
  expect(planProvider('cpu', { cores: 2, maxBatch: 64 })).toEqual({
    provider: 'cpu',
    sessions: 2,
    batchSizes: [1, 2, 4],
    fileBatch: 1,
  });
});

test('a GPU gets one session, the sizes up to the largest batch, and files a size that is warm', () => {
  const plans = [1, 3, 16, 64].map((maxBatch) => planProvider('cuda', { maxBatch }));
  expect(plans.map(({ batchSizes }) => batchSizes)).toEqual([
    [1],
    [1, 2, 4],
    [1, 2, 4, 8, 16],
    [1, 2, 4, 8, 16, 32, 64],
  ]);
  expect(plans.map(({ sessions, fileBatch }) => [sessions, fileBatch])).toEqual([
    [1, 1],
    [1, 4],
    [1, 16],
    [1, 16],
  ]);
});

test('three restarts come at once, later ones after a wait that doubles up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 7, 8, 20].map(restartDelayMs)).toEqual([
    0, 0, 0, 1000, 2000, 16_000, 30_000, 30_000,
  ]);
});
