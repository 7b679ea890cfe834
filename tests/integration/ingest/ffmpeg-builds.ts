import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import bundled from '@ffmpeg-installer/ffmpeg';
import { findFfmpeg, type FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';

const INSTALL = 'python3 -m pip install --target .cache/ffmpeg-current imageio-ffmpeg';

/** The three builds that labelcast is tested with; throws with the command that installs a missing one. */
export async function findTestBuilds(): Promise<Record<'bundled' | 'debian' | 'current', FfmpegBuild>> {
  return {
    bundled: await findFfmpeg(bundled.path, {}),
    debian: await findFfmpeg(null, process.env),
    current: await findFfmpeg(process.env.LABELCAST_TEST_FFMPEG_CURRENT ?? findCurrent(), {}),
  };
}

function findCurrent(): string {
  const folder = join(process.cwd(), '.cache/ffmpeg-current');
  let paths: string[] = [];
  try {
    paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    // reported below, with what to do
  }
  const found = paths.find((path) => /(?:^|\/)ffmpeg-[^/]*-v[\d.]+$/.test(path));
  if (found === undefined) throw new Error(`No current ffmpeg to test with. Install it: ${INSTALL}`);
  return join(folder, found);
}
