import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { EpochRecorder } from '../../../src/publish/epoch-recorder.js';
import type { Commit, Journal, StreamKind, Transition } from '../../../src/types.js';
import { ended, eventContext, started } from './samples.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function open(kind: StreamKind) {
  const commits: Commit[] = [];
  const journal = { commit: async (commit: Commit) => void commits.push(commit) } as unknown as Journal;
  const context = eventContext('cat');
  const identity = { ...context.identity, kind };
  const recorder = new EpochRecorder({
    journal,
    context: { ...context, identity },
    held: {
      identity,
      isAnew: false,
      checkpoint: null,
      finished: null,
      openSegments: [],
      scores: null,
    },
    observer: { state: () => ({ tracks: [] }) as never, durationMs: 9000 },
    now: () => 0,
  });
  const record = (ptsMs: number, ...transitions: Transition[]) =>
    recorder.record({ ptsMs, damaged: false, scores: Float32Array.of(0.9, 0.1), hash: ptsMs }, transitions);
  const sequences = () => commits.map(({ events }) => events.map((event) => Number(event.sequence ?? 0)));
  const lastMs = () => commits.map(({ checkpoint }) => checkpoint?.lastMs);
  return { recorder, record, commits, sequences, lastMs };
}

test('a file is committed at once, then what 200 ms bring together, with the checkpoint that belongs to it', async () => {
  const { record, sequences, lastMs } = open('file');
  await record(1000, started(0, 600));
  await record(1200, started(1, 800));
  await record(1400, ended(1, 800, 1200));
  expect(sequences()).toEqual([[1]]);
  jest.advanceTimersByTime(200);
  await record(1600);
  expect(sequences()).toEqual([[1], [2, 3]]);
  expect(lastMs()).toEqual([1000, 1600]);
});

test('what a file has not committed yet goes with its end', async () => {
  const { recorder, record, commits, sequences } = open('file');
  await record(1000, started(0, 600));
  await record(1200, started(1, 800));
  await recorder.finish(null, [ended(0, 600, 1200), ended(1, 800, 1200)]);
  expect(sequences()).toEqual([[1], [2, 3, 4, 5, 0]]);
  expect(commits.at(-1)).toMatchObject({ finished: 'completed', checkpoint: { lastMs: 1200 } });
});

test('what a file has not committed yet goes with its pause', async () => {
  const { recorder, record, sequences, lastMs } = open('file');
  await record(1000, started(0, 600));
  await record(1200, started(1, 800));
  await recorder.pause();
  expect(sequences()).toEqual([[1], [2]]);
  expect(lastMs()).toEqual([1000, 1200]);
});

test('a camera is committed frame by frame', async () => {
  const { record, sequences } = open('live');
  await record(1000, started(0, 600));
  await record(1200, started(1, 800));
  expect(sequences()).toEqual([[1], [2]]);
});
