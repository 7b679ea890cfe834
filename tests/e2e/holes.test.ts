import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast, toEvents } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

const TS_PACKET_BYTES = 188;

/** The cat of the demo clip, standing still. */
function renderCat(file: string, seconds: number, ...options: readonly string[]): string {
  const still = ['-vf', `select='eq(n,0)',loop=loop=-1:size=1,setpts=N/25/TB,trim=duration=${seconds}`];
  ffmpeg('-i', DEMO_CLIP, ...still, '-r', '25', '-c:v', 'libx264', '-g', '25', ...options, folder.file(file));
  return folder.file(file);
}

async function catEvents(source: string): Promise<LabelEventData[]> {
  const run = await labelcast(['tag', source, '--json', '--labels', 'cat']);
  expect([run.status, run.stderr]).toEqual([0, '']);
  return toEvents(run.stdout)
    .filter((event) => event.type.startsWith('io.labelcast.label.'))
    .map((event) => event.data as LabelEventData);
}

test('10 s of damaged packets end the segment as a gap, and a new one begins after them', async () => {
  const source = renderCat('damaged.ts', 30, '-f', 'mpegts');
  const bytes = readFileSync(source);
  const packets = Math.floor(bytes.length / TS_PACKET_BYTES);
  for (let n = Math.floor(packets / 3); n < Math.floor((packets * 2) / 3); n++) {
    // headers stay, payloads are noise
    for (let at = n * TS_PACKET_BYTES + 4; at < (n + 1) * TS_PACKET_BYTES; at++)
      bytes[at] = (at * 2654435761) >>> 24;
  }
  writeFileSync(source, bytes);
  const events = await catEvents(source);
  expect(events.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual([
    'started threshold',
    'ended gap',
    'started threshold',
    'ended end-of-stream',
  ]);
  const [, gap, again] = events;
  expect(again!.startMs - gap!.endMs!).toBeGreaterThan(6000);
});

test('one picture shown for 10 s in a variable-frame-rate file keeps its label', async () => {
  const still = renderCat('steady.mp4', 14);
  const held = folder.file('held.mp4');
  ffmpeg('-i', still, '-vf', "select='lt(t,2)+gte(t,12)'", '-fps_mode', 'vfr', '-c:v', 'libx264', held);
  const events = await catEvents(held);
  expect(events.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual([
    'started threshold',
    'ended end-of-stream',
  ]);
  expect([events[0]!.startMs, Math.round(events[1]!.endMs! / 100)]).toEqual([0, 140]);
});
