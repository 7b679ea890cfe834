import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TinyPackage } from '../integration/infer/tiny-package.js';
import { makeClipOnce, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { until } from '../until.js';
import { createFolder } from './clips.js';
import { readMetrics } from './metrics.js';
import { Serving } from './serving.js';

/** The tiny model fails for a picture of this grey: no memory, or scores that are no numbers, by how ffmpeg rounds it. */
const DEADLY = '-f lavfi -i color=c=0xFEFEFE:s=64x64:r=15 -t 120 -pix_fmt yuv420p -g 15 -bf 0';
const folder = createFolder();
const tiny = new TinyPackage('moody');
let camera: RtspServer;

beforeAll(async () => {
  camera = await openRtspServer({ mounts: { '/cam': await makeClipOnce('grey254.mp4', DEADLY) } });
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  folder.remove();
  tiny.remove();
});

test('frames that cannot be scored are counted by their reason, and serve tells the cause once', async () => {
  const config = {
    model: { path: tiny.dir },
    journal: { path: folder.file('failed.db') },
    http: { port: 0 },
    streams: [{ id: 'gate', url: camera.url('/cam') }],
  };
  await using serving = await Serving.start(config, folder.file('failed.yaml'));
  await until('failed frames', async () => (await serving.metric('frames_failed_total', 'gate')) > 5);
  const metrics = await readMetrics(serving.address);
  const of = (labels: string): number => metrics('frames_failed_total', labels);
  const reason = of('reason="memory"') > 0 ? 'memory' : 'not-numbers';
  expect(of(`reason="${reason}"`)).toBe(of('stream="gate"'));
  expect(await serving.stop()).toBe(143);
  const told = serving.log.filter(({ msg }) => msg.startsWith('a frame is left out: '));
  expect(told).toMatchObject([{ level: 'warn', stream: 'gate', cause: 'inference', reason }]);
  expect(told[0]!.msg).toMatch(/^a frame is left out: .*; (?:free memory, or use|try another device)/);
});
