import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openFfmpeg } from '../../../src/ingest/ffmpeg-child.js';
import { makeClip, openClip, openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { until } from '../../until.js';

const builds = await findTestBuilds();
const { debian } = builds;
const folder = await openFolder();
const endless = {
  path: debian.path,
  inputOptions: ['-f', 'lavfi'],
  input: 'testsrc=s=64x64:r=25',
  outputOptions: ['-f', 'rawvideo'],
  onLine: (): void => {},
};

beforeAll(async () => {
  await makeClip(
    folder.path,
    '-f lavfi -i testsrc=s=320x240:r=25:d=120 -c:v libx264 -preset ultrafast long.mp4',
  );
});
afterAll(() => folder.close());

/** Ids of the processes with this process as parent, zombies included. */
function children(parent: number = process.pid): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

test('closing ends a child whose output nobody reads, and leaves no process', async () => {
  const child = openFfmpeg(endless, new AbortController().signal);
  await until('a child', () => children().length > 0);
  await child.close();
  expect(await child.exit).toMatchObject({ spawnError: null });
  expect(children()).toEqual([]);
});

test('an abort before the process exists ends it', async () => {
  const abort = new AbortController();
  const child = openFfmpeg(endless, abort.signal);
  abort.abort();
  await child.exit;
  expect(children()).toEqual([]);
});

test('a child that does not react is killed, counted from the request', async () => {
  const child = openFfmpeg({ ...endless, killAfterMs: 100 }, new AbortController().signal);
  await child.output.byte();
  const [pid] = children();
  process.kill(pid!, 'SIGSTOP');
  await child.close();
  expect((await child.exit).signal).toBe('SIGKILL');
  expect(children()).toEqual([]);
});

test('a binary that is not there is reported, not thrown', async () => {
  const child = openFfmpeg({ ...endless, path: '/nowhere/ffmpeg' }, new AbortController().signal);
  expect((await child.exit).spawnError?.message).toContain('ENOENT');
});

test('a process without a free file descriptor is reported, not thrown', async () => {
  const held: number[] = [];
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EMFILE' });
  }
  try {
    const exit = await openFfmpeg(endless, new AbortController().signal).exit;
    expect(exit.spawnError).toMatchObject({ code: 'EMFILE' });
  } finally {
    for (const fd of held) closeSync(fd);
  }
});

test('a source whose ffmpeg is killed throws an error that can be tried again', async () => {
  const source = await openClip(join(folder.path, 'long.mp4'), debian, { slots: 1 });
  const frames = source.frames(new AbortController().signal);
  const first = await frames.next();
  process.kill(children()[0]!, 'SIGKILL');
  if (first.done !== true) first.value.pixels.release();
  const drain = async (): Promise<void> => {
    for await (const frame of frames) frame.pixels.release();
  };
  await expect(drain()).rejects.toMatchObject({ name: 'IngestError', retryable: true });
  expect(children()).toEqual([]);
});

test.each(Object.entries(builds))(
  'a stalled %s ffmpeg dies when its parent is killed hard',
  async (_name, build) => {
    const script = `
      const clips = await import(${JSON.stringify(join(process.cwd(), 'dist/tests/integration/ingest/clips.js'))});
      const source = await clips.openClip(${JSON.stringify(join(folder.path, 'long.mp4'))}, ${JSON.stringify(build)}, { slots: 1, fps: 25 });
      const frames = source.frames(new AbortController().signal);
      await frames.next();
      console.log('stalled');
      setInterval(() => {}, 1000);
      await frames.next();`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    const grandchildren = children(parent.pid);
    expect(grandchildren.length).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await until('no grandchild', () => grandchildren.every((pid) => !isAlive(pid)));
  },
);

function isAlive(pid: number): boolean {
  try {
    // An orphan without an init to reap it stays as a zombie: that is the test environment's, not ours.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // it may go between two looks
  }
}
