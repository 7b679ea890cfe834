import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { createFolder, DEMO_CLIP, ffmpeg, inRealTime } from './clips.js';
import { firstDifference, labelcast, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
let clip: string;

beforeAll(() => {
  clip = folder.file('long.mp4');
  ffmpeg('-stream_loop', '11', '-i', DEMO_CLIP, '-c', 'copy', clip);
});
afterAll(() => folder.remove());

function toSpans(stdout: string): string[] {
  return toEvents(stdout)
    .map(({ data }) => data as LabelEventData)
    .filter(({ phase }) => phase === 'ended')
    .map(({ label, startMs, endMs }) => `${label} ${startMs}-${endMs}`);
}

test('key frames alone find the labels that last, from one key frame to another', async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '--keyframes-only', '--json', '--labels', 'cat']);
  expect([run.status, run.stderr]).toEqual([0, '']);
  // key frames lie 2 s apart, the cat is there from 0 to 3.4 s and from 13.0 to 15.4 s
  const spans = toSpans(run.stdout).map((span) => span.split(/[ -]/).slice(1).map(Number));
  expect(spans).toHaveLength(2);
  const [first, second] = spans;
  expect([first![0]! < 2000, first![1]! > 3000 && first![1]! < 5500]).toEqual([true, true]);
  expect([second![0]! > 11_000, second![1]! < 17_500]).toEqual([true, true]);
});

test('a run of key frames that is killed goes on with the very events of an undisturbed one', async () => {
  const flags = ['--keyframes-only', '--json'];
  const whole = await labelcast(['tag', clip, ...flags]);
  const undisturbed = toLabelLines(toEvents(whole.stdout));
  expect(undisturbed.length).toBeGreaterThan(50);
  const out = folder.file('killed');
  const killed = await labelcast(['tag', clip, ...flags, '-o', out], {
    env: inRealTime(folder.file('ffmpeg')),
    onStart: (child) => void child.stdout!.once('data', () => child.kill('SIGKILL')),
  });
  expect(killed.signal).toBe('SIGKILL');
  const rest = await labelcast(['tag', clip, ...flags, '-o', out, '--resume']);
  expect([rest.status, firstDifference(toLabelLines(toEvents(rest.stdout)), undisturbed)]).toEqual([0, null]);
  // all frames are another epoch in the same journal
  const all = await labelcast(['tag', DEMO_CLIP, '--json', '-o', out, '--labels', 'cat']);
  const keys = await labelcast(['tag', DEMO_CLIP, ...flags, '-o', out, '--labels', 'cat']);
  expect([all.status, keys.status]).toEqual([0, 0]);
  expect(keys.stderr).toContain('the settings or the model are not those it was tagged with before');
  expect(toSpans(keys.stdout)).not.toEqual(toSpans(all.stdout));
});
