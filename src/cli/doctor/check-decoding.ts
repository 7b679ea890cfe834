import type { Config } from '../../config/config.js';
import { ConfigError } from '../../errors.js';
import type { FfmpegBuild } from '../../ingest/ffmpeg-build.js';
import { chooseHardware, toReasons } from '../../ingest/hardware-choice.js';
import { type Finding, ok, toFailure, warn } from './finding.js';

/**
 * What decodes here; nothing when the config asks for software, nor without an ffmpeg, which is told elsewhere. A kind of hardware
 * that was named and cannot be used keeps everything from starting.
 */
export async function checkDecoding(
  decoding: Config['decoding'],
  build: FfmpegBuild | null,
): Promise<Finding[]> {
  if (decoding.hardware === 'off' || build === null) return [];
  try {
    const { hardware, refused } = await chooseHardware(decoding, build);
    if (hardware === null)
      return [warn('decoding', `in software, since no hardware can be used: ${toReasons(refused)}`, LEAVE)];
    const { name, device } = hardware;
    const rest = refused.length === 0 ? '' : `; not on ${toReasons(refused)}`;
    return [
      ok('decoding', `on ${name}, ${device === null ? 'its first device' : `device ${device}`}${rest}`),
    ];
  } catch (error) {
    if (error instanceof ConfigError) return [toFailure('decoding', error)];
    throw error;
  }
}

const LEAVE = 'mend one of them, or leave decoding.hardware out; see docs/hardware-decoding.md';
