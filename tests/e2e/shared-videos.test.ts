import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { labelcast, toEvents } from './labelcast.js';

/** Real clips beside the repository; they may not be committed. */
const VIDEOS = join(process.env['LABELCAST_SHARED'] ?? '../shared', 'videos');
const CLIPS: [string, string][] = [
  ['intel_bottle-detection.mp4', 'bottle'],
  ['opencvcourse_dog.mp4', 'dog'],
  ['intel_one-by-one-person-detection.mp4', 'person'],
];

const present = CLIPS.filter(([clip]) => existsSync(join(VIDEOS, clip)));

test('the real clips are either all here or not at all', () => {
  expect([0, CLIPS.length]).toContain(present.length);
});

for (const [clip, label] of present) {
  test(`${clip} holds a ${label}`, async () => {
    const run = await labelcast(['tag', join(VIDEOS, clip), '--json', '--fps', '2']);
    const found = toEvents(run.stdout).filter((event) => event.type === 'io.labelcast.label.started.v1');
    const labels = found.map((event) => (event.data as LabelEventData).label);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(labels).toContain(label);
  });
}
