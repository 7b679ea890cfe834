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
      wasLeft: false,
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
  const blocks = () =>
    commits.flatMap(({ scores }) =>
      scores.map(({ minute, timesMs }) => `minute ${minute}: ${timesMs.length} from ${timesMs[0]}`),
    );
  return { recorder, record, commits, sequences, lastMs, blocks };
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

test('the score block of a camera is written when its minute is over, and when it is not watched or seen any more', async () => {
  const { recorder, record, commits, blocks } = open('live');
  for (let second = 0; second < 62; second++) await record(second * 1000);
  expect(commits.length).toBeGreaterThan(55);
  expect(blocks()).toEqual(['minute 0: 60 from 0']);
  await recorder.note([], { state: 'gap' });
  expect(blocks()).toEqual(['minute 0: 60 from 0', 'minute 1: 2 from 60000']);
  await record(70_000);
  await recorder.pause();
  expect(blocks().slice(2)).toEqual(['minute 1: 3 from 60000']);
});

test('the scores of a file go with each checkpoint: they are never computed again', async () => {
  const { record, blocks } = open('file');
  await record(0, started(0, 0));
  jest.advanceTimersByTime(200);
  await record(10_000);
  expect(blocks()).toEqual(['minute 0: 1 from 0', 'minute 0: 2 from 0']);
});
