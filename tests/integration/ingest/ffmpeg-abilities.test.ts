import { expect, test } from '@jest/globals';
import { judgeFfmpeg } from '../../../src/cli/doctor/check-ffmpeg.js';
import { readFfmpegAbilities } from '../../../src/ingest/ffmpeg-abilities.js';
import { findTestBuilds } from './ffmpeg-builds.js';

const builds = await findTestBuilds();
const FORMATS = 'ok formats H.264, HEVC, AV1, VP9, MJPEG can be decoded';

async function judge(build: keyof typeof builds): Promise<string[]> {
  const abilities = await readFfmpegAbilities(builds[build].path);
  const findings = judgeFfmpeg(builds[build], abilities, { year: 2026, schemes: new Set(['rtsp']) });
  return findings.map(
    ({ status, name, text }) => `${status} ${name} ${text.replaceAll(builds[build].path, 'PATH')}`,
  );
}

test('the bundled build is of 2018 and has no SRT', async () => {
  expect(await judge('bundled')).toEqual([
    expect.stringMatching(
      /^warn ffmpeg \S+ of 2018, 8 years old: PATH, .* security holes .*; it crashes when it looks up the name of a host$/,
    ),
    FORMATS,
    'ok inputs https, RTSP, RTMP can be opened',
    'warn inputs this ffmpeg has no SRT: SRT streams cannot be watched',
  ]);
});

test.each(['debian', 'current'] as const)('the %s build has everything', async (build) => {
  expect(await judge(build)).toEqual([
    expect.stringMatching(/^ok ffmpeg \S+ of 20\d\d: PATH, (?:named by|found on) \S+$/),
    FORMATS,
    'ok inputs https, RTSP, RTMP, SRT can be opened',
  ]);
});
