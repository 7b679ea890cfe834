import '../integration/publish/disposal.js';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { makeCameraClip, openRtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';
import { labelcast } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

test('a wrong password ends tag with one error: no promise to try again, nothing to go on with', async () => {
  const mounts = { '/cam': await makeCameraClip() };
  await using camera = await openRtspServer({ mounts, user: 'admin', password: 'right' });
  const TMPDIR = mkdtempSync(join(folder.path, 'tmp-'));
  const address = camera.url('/cam').replace('right', 'wrong');
  const run = await labelcast(['tag', address, '--json'], { env: { TMPDIR } });
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/^error: \S+ refuses user and password; check/m);
  expect(run.stderr).not.toMatch(/trying again|--resume|wrong/);
  expect(readdirSync(TMPDIR)).toEqual([]);
});
