import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
const others: string[] = [];
let config: string;
let alone: string[];

beforeAll(async () => {
  for (const [name, startSeconds] of [
    ['b', '3'],
    ['c', '7'],
    ['d', '11'],
  ] as const) {
    others.push(folder.file(`${name}.mp4`));
    ffmpeg('-ss', startSeconds, '-i', DEMO_CLIP, '-t', '6', '-c:v', 'libx264', others.at(-1)!);
  }
  config = folder.file('labelcast.yaml');
  writeFileSync(config, 'files: { parallel: 4 }\n');
  alone = await labelLinesOf([DEMO_CLIP]);
});
afterAll(() => folder.remove());

async function labelLinesOf(sources: readonly string[], flags: readonly string[] = []): Promise<string[]> {
  const run = await labelcast(['tag', ...sources, '--json', '-c', config, ...flags]);
  const events = toEvents(run.stdout).filter((event) => event.data.sourceUri.endsWith('/demo.mp4'));
  return toLabelLines(events);
}

test('the label events of a clip are the same bytes alone, again, and among others in any order', async () => {
  expect(alone.length).toBeGreaterThan(8);
  expect(await labelLinesOf([DEMO_CLIP])).toEqual(alone);
  expect(await labelLinesOf([...others, DEMO_CLIP])).toEqual(alone);
  expect(await labelLinesOf([DEMO_CLIP, ...others.toReversed()])).toEqual(alone);
});
