import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP, ffmpeg, inRealTime } from './clips.js';
import { firstDifference, labelcast, type Run, toEvents, toLabelLines } from './labelcast.js';

jest.setTimeout(900_000); // these take minutes on a busy machine

const KILLS = 20;
const folder = createFolder();
let clip: string;
let undisturbed: string[];

beforeAll(async () => {
  clip = folder.file('clip.mp4');
  ffmpeg('-stream_loop', '5', '-i', DEMO_CLIP, '-c', 'copy', clip);
  undisturbed = toLabelLines(toEvents((await labelcast(['tag', clip, '--json'])).stdout));
});
afterAll(() => folder.remove());

/** Random, but the same in every run of this test. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function childrenOf(pid: number, name: string): number[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return pids.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(name));
  } catch {
    return []; // it has ended
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it may go between two looks
  }
}

/** Kills the tagger processes of a run; gives how many there were. */
function killTaggers(run: ChildProcess): number {
  const pids = childrenOf(run.pid!, 'tagger-process');
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended since
    }
  }
  return pids.length;
}

test(`the whole process killed at ${KILLS} random moments loses, repeats and changes nothing`, async () => {
  const random = createRandom(7);
  const out = folder.file('killed');
  const args = ['tag', clip, '-o', out, '--json'];
  const orphans: number[] = [];
  let kills = 0;
  let killsAtWork = 0;
  let last: Run | undefined;
  for (let n = 0; n < KILLS; n++) {
    last = await labelcast(existsSync(`${out}/journal.db`) ? [...args, '--resume'] : args, {
      onStart: (child) => {
        const kill = () => {
          orphans.push(...childrenOf(child.pid!, ''));
          if (child.kill('SIGKILL') && isAtWork) killsAtWork += 1;
        };
        // every other one while it starts, the rest once it has shown that it is at work
        let isAtWork = false;
        if (n % 2 === 0) void wait(300 + random() * 1500).then(kill);
        child.stdout!.once('data', () => {
          isAtWork = true;
          if (n % 2 === 1) void wait(random() * 400).then(kill);
        });
      },
    });
    if (last.signal === 'SIGKILL') kills += 1;
  }
  const whole = await labelcast([...args, '--resume']);
  expect([whole.status, firstDifference(toLabelLines(toEvents(whole.stdout)), undisturbed)]).toEqual([
    0,
    null,
  ]);
  expect(kills).toBeGreaterThanOrEqual(KILLS / 2);
  expect(killsAtWork).toBeGreaterThanOrEqual(KILLS / 4);
  await until('what it had started is gone', () => !orphans.some(isAlive));
});

test(`the tagger killed at ${KILLS} random moments loses, repeats and changes nothing`, async () => {
  const random = createRandom(11);
  const short = toLabelLines(toEvents((await labelcast(['tag', DEMO_CLIP, '--json'])).stdout));
  let kills = 0;
  for (let n = 0; n < KILLS; n++) {
    const run = await labelcast(['tag', DEMO_CLIP, '--json', '--log-level', 'error'], {
      // from the first event on: a tagger that dies before it was ever ready is a refusal to start
      onStart: (child) => {
        child.stdout!.once('data', () => {
          void wait(random() * 1500).then(() => {
            kills += killTaggers(child);
          });
        });
      },
    });
    expect([run.status, firstDifference(toLabelLines(toEvents(run.stdout)), short)]).toEqual([0, null]);
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS / 2);
});

test.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a run that gets %s drains, ends with %d, says how to go on, and goes on', async (signal, status) => {
  const out = folder.file(signal);
  const run = await labelcast(['tag', clip, '-o', out, '--json'], {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) => void child.stdout!.once('data', () => child.kill(signal)),
  });
  expect([run.status, run.stderr.includes('--resume')]).toEqual([status, true]);
  const rest = await labelcast(['tag', clip, '-o', out, '--json', '--resume']);
  expect([rest.status, rest.stdout.startsWith(run.stdout)]).toEqual([0, true]);
  expect(firstDifference(toLabelLines(toEvents(rest.stdout)), undisturbed)).toBeNull();
});

test('a reader that goes away ends the run with 141, and one of standard error does not end it', async () => {
  const gone = await labelcast(['tag', clip, '--json', '--journal', folder.file('gone.db')], {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) => void child.stdout!.once('data', () => child.stdout!.destroy()),
  });
  expect([gone.status, /^\s+at /m.test(gone.stderr)]).toEqual([141, false]);
  const deaf = await labelcast(['tag', DEMO_CLIP, folder.file('missing.mp4'), '--json'], {
    onStart: (child) => void child.stderr!.destroy(),
  });
  expect([deaf.status, toEvents(deaf.stdout).length > 10]).toEqual([1, true]);
});

test('a tagger that dies whenever it is started ends the run, which can be gone on with', async () => {
  const args = ['tag', DEMO_CLIP, '-o', folder.file('lost'), '--json', '--log-level', 'error'];
  const undying = toLabelLines(toEvents((await labelcast(['tag', DEMO_CLIP, '--json'])).stdout));
  let hunt: NodeJS.Timeout | undefined;
  const lost = await labelcast(args, {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) => {
      child.stdout!.once('data', () => {
        hunt = setInterval(() => killTaggers(child), 20);
      });
    },
  });
  clearInterval(hunt);
  expect([lost.status, lost.stderr.includes('cannot be started again')]).toEqual([1, true]);
  const whole = await labelcast([...args, '--resume']);
  expect([whole.status, firstDifference(toLabelLines(toEvents(whole.stdout)), undying)]).toEqual([0, null]);
});
