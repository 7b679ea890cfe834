import '../integration/publish/disposal.js';
import { afterAll, expect, test } from '@jest/globals';
import { createFolder } from './clips.js';
import { until } from '../until.js';
import { Serving } from './serving.js';

const folder = createFolder();
afterAll(() => folder.remove());

test('serve warns once when the clock is set while it runs, with by how much and what to do', async () => {
  const streams = [{ id: 'gate', url: 'rtsp://127.0.0.1:1/cam' }];
  const config = { journal: { path: folder.file('clock.db') }, http: { port: 0 }, streams };
  const fixture = new URL('../fixtures/clock-set.js', import.meta.url);
  await using serving = await Serving.start(config, folder.file('clock.yaml'), {
    NODE_OPTIONS: `--import ${fixture.href}`,
  });
  const warnings = () => serving.log.filter(({ msg }) => msg.includes('UTC times of live events'));
  await until('a warning', () => warnings().length > 0);
  expect(await serving.stop()).toBe(143);
  expect(warnings()).toMatchObject([
    { level: 'warn', msg: expect.stringMatching(/ 3600\.0 s behind now; start /) },
  ]);
});
