import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { findFfmpeg } from '../../../src/ingest/ffmpeg-build.js';
import { openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const { bundled, debian, current } = await findTestBuilds();
const folder = await openFolder();
afterAll(() => folder.close());

test('each build is asked which of two spellings it knows', () => {
  expect(bundled.passthrough).toEqual(['-vsync', 'passthrough']);
  expect(debian.passthrough).toEqual(['-fps_mode', 'passthrough']);
  expect(current.passthrough).toEqual(['-fps_mode', 'passthrough']);
  expect([bundled.version, debian.version, current.version]).toEqual([
    expect.stringMatching(/^N-/),
    expect.stringMatching(/^\d+\.\d/),
    expect.stringMatching(/^n?\d+\.\d/),
  ]);
});

test('the configured path wins over FFMPEG_PATH, that over PATH, and only the bundled one comes with a warning', async () => {
  const env = { FFMPEG_PATH: debian.path, PATH: folder.path };
  await symlink(current.path, join(folder.path, 'ffmpeg'));
  const byConfig = await findFfmpeg(bundled.path, env);
  expect([byConfig.path, byConfig.origin, byConfig.warning]).toEqual([bundled.path, 'config', null]);
  const byVariable = await findFfmpeg(null, env);
  expect([byVariable.path, byVariable.origin]).toEqual([debian.path, 'FFMPEG_PATH']);
  const byPath = await findFfmpeg(null, { ...env, FFMPEG_PATH: '' });
  expect([byPath.path, byPath.origin]).toEqual([join(folder.path, 'ffmpeg'), 'PATH']);
  const last = await findFfmpeg(null, { PATH: '/nowhere' });
  expect([last.path, last.origin]).toEqual([bundled.path, 'bundled']);
  expect(last.warning).toContain('security fixes');
});

test('one that a busy machine lets wait for its start is taken all the same', async () => {
  const slow = join(folder.path, 'slow-ffmpeg');
  await writeFile(slow, `#!/bin/sh\n[ "$1" = -version ] && sleep 11\nexec ${debian.path} "$@"\n`);
  await chmod(slow, 0o755);
  expect((await findFfmpeg(slow, {})).version).toBe(debian.version);
});

test('what does not run is passed over on PATH, but refused where it was asked for', async () => {
  const broken = join(folder.path, 'broken-ffmpeg');
  await writeFile(broken, '#!/bin/sh\nexit 3\n');
  await chmod(broken, 0o755);
  await expect(findFfmpeg(broken, {})).rejects.toMatchObject({
    name: 'ConfigError',
    issues: [`ffmpeg.path: ${broken} cannot be run as ffmpeg`],
  });
  await expect(findFfmpeg(null, { FFMPEG_PATH: '/nowhere/ffmpeg' })).rejects.toMatchObject({
    name: 'ConfigError',
  });
});
