import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { openRtspServer } from '../services/rtsp.js';
import { createFolder, DEMO_CLIP, ffmpeg, inRealTime } from './clips.js';
import { firstDifference, labelcast, type Run, toEvents, toLabelLines } from './labelcast.js';
import { readMetrics } from './metrics.js';

const folder = createFolder();
let still: string;
let long: string;

/** A photo for 24 s, with the noise of a bad sensor; from 8 to 16 s a smaller one of a cat lies on it. */
const SCENE = [
  '[0:v]trim=end_frame=1,loop=-1:1,setpts=N/25/TB[room]',
  '[1:v]trim=end_frame=1,loop=-1:1,setpts=N/25/TB,scale=iw/2:ih/2[cat]',
  "[room][cat]overlay=W/4:H/3:enable='between(t,8,15.99)',scale=640:360",
  'noise=alls=20:allf=t:all_seed=1,trim=end=24,format=yuv420p',
];

beforeAll(() => {
  still = folder.file('still.mp4');
  long = folder.file('long.mp4');
  const inputs = ['-ss', '9.6', '-i', DEMO_CLIP, '-ss', '1', '-i', DEMO_CLIP];
  const scene = `${SCENE.slice(0, 2).join(';')};${SCENE.slice(2).join(',')}`;
  ffmpeg(
    ...inputs,
    '-filter_complex',
    scene,
    '-r',
    '25',
    '-preset',
    'veryfast',
    '-bf',
    '0',
    '-g',
    '50',
    still,
  );
  ffmpeg('-stream_loop', '2', '-i', still, '-c', 'copy', long);
});
afterAll(() => folder.remove());

function tag(clip: string, ...flags: readonly string[]): Promise<Run> {
  return labelcast(['tag', clip, '--json', '--log-level', 'debug', ...flags]);
}

/** [label, start, end] of what was found. */
function spansOf({ stdout }: Run): [string, number, number][] {
  return toEvents(stdout)
    .map(({ data }) => data as LabelEventData)
    .filter(({ phase }) => phase === 'ended')
    .map(({ label, startMs, endMs }) => [label, startMs, endMs!]);
}

/** [frames, how many of them were static], as the log tells them. */
function framesOf({ stderr }: Run): number[] {
  return /stream over \(frames (\d+), static (\d+)\)/.exec(stderr)!.slice(1).map(Number);
}

test('of a still scene most frames are left out, and what enters and leaves is found to a frame', async () => {
  const all = await tag(still, '--labels', 'cat');
  const gated = await tag(still, '--labels', 'cat', '--static-gate');
  expect([gated.status, framesOf(all)]).toEqual([0, [120, 0]]);
  const [frames, left] = framesOf(gated);
  expect([frames, left! >= 96]).toEqual([120, true]); // one in six is scored, and what changes
  const [found, ...more] = spansOf(gated);
  const [[label, startMs, endMs] = ['', 0, 0]] = spansOf(all);
  expect([more, label, found![0]]).toEqual([[], 'cat', 'cat']);
  expect([Math.abs(found![1] - startMs) <= 200, Math.abs(found![2] - endMs) <= 200]).toEqual([true, true]);
  // static frames are observed: none of the segment is missing
  const ended = toEvents(gated.stdout).find(({ data }) => (data as LabelEventData).phase === 'ended')!;
  const { observed, expected } = (ended.data as LabelEventData).frames;
  expect(observed).toBe(expected);
});

test('of a clip that moves nothing is lost', async () => {
  const all = spansOf(await tag(DEMO_CLIP));
  const gated = spansOf(await tag(DEMO_CLIP, '--static-gate'));
  const lost = all.filter(
    ([label, startMs, endMs]) =>
      !gated.some(([one, from, to]) => {
        return one === label && Math.abs(from - startMs) <= 400 && Math.abs(to - endMs) <= 400;
      }),
  );
  expect([lost, gated.length]).toEqual([[], all.length]);
});

test('a gated run that is killed goes on with the very events of an undisturbed one', async () => {
  const whole = await tag(long, '--static-gate');
  const undisturbed = toLabelLines(toEvents(whole.stdout));
  const out = folder.file('killed');
  const killed = await labelcast(['tag', long, '--json', '--static-gate', '-o', out], {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) => void child.stdout!.once('data', () => child.kill('SIGKILL')),
  });
  expect(killed.signal).toBe('SIGKILL');
  const rest = await tag(long, '--static-gate', '-o', out, '--resume');
  expect([rest.status, firstDifference(toLabelLines(toEvents(rest.stdout)), undisturbed)]).toEqual([0, null]);
  const [frames, left] = framesOf(rest);
  expect([frames! < 360, left! > frames! / 2]).toEqual([true, true]); // it did not begin anew
  // without the gate it is another epoch in the same journal
  const off = await tag(still, '-o', out, '--labels', 'cat');
  const on = await tag(still, '-o', out, '--labels', 'cat', '--static-gate');
  expect(
    [off.stderr, on.stderr].map((text) => text.includes('are not those it was tagged with before')),
  ).toEqual([false, true]);
});

test('of a camera most frames are left out and all are accounted for', async () => {
  await using camera = await openRtspServer({ mounts: { '/still': still } });
  let shares: Promise<[number, number]> | null = null;
  const flags = ['--labels', 'cat', '--static-gate', '--duration', '60', '--metrics-port', '0'];
  const run = await labelcast(['tag', camera.url('/still'), '--json', ...flags], {
    onStart: (child) => {
      let [said, told] = ['', ''];
      const look = (): void => {
        const address = /metrics at (http:\S+)\/metrics\n/.exec(said)?.[1];
        if (address === undefined || !told.includes('label.ended') || shares !== null) return;
        shares = toShares(address).finally(() => child.kill('SIGTERM'));
        shares.catch(() => {}); // awaited below
      };
      child.stderr!.on('data', (text: string) => ((said += text), look()));
      child.stdout!.on('data', (text: string) => ((told += text), look()));
    },
  });
  expect([run.status, spansOf(run)[0]?.[0]]).toEqual([143, 'cat']);
  const [skipped, accounted] = await shares!;
  expect(skipped).toBeGreaterThan(0); // how many, is a matter of how busy the machine is
  expect(accounted).toBe(1);
});

/** Of the frames received: what was skipped, and that of which is known what became of it. */
async function toShares(address: string): Promise<[number, number]> {
  const metrics = await readMetrics(address);
  const received = metrics('frames_received_total');
  const skipped = metrics('frames_skipped_total', 'reason="static"');
  const others = ['inferred_total', 'dropped_total', 'failed_total', 'in_flight'];
  const known = others.reduce((sum, name) => sum + metrics(`frames_${name}`), skipped);
  return [skipped / received, known / received];
}
