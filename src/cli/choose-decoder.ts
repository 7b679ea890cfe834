import type { Config } from '../config/config.js';
import type { FfmpegBuild } from '../ingest/ffmpeg-build.js';
import type { Hardware } from '../ingest/hardware.js';
import { chooseHardware, toSoftwareNote } from '../ingest/hardware-choice.js';
import type { Log } from '../log.js';

/** What decodes the sources of a run, which is logged when the config asks for hardware; null: software. Throws ConfigError. */
export async function chooseDecoder(config: Config, build: FfmpegBuild, log: Log): Promise<Hardware | null> {
  const { hardware: wanted, device } = config.decoding;
  if (wanted === 'off') {
    if (device !== undefined)
      log.warn('decoding.device does nothing while decoding.hardware is off: videos are decoded in software');
    return null;
  }
  const choice = await chooseHardware(config.decoding, build);
  const { hardware } = choice;
  if (hardware === null) log.warn(toSoftwareNote(choice));
  else log.info({ decoder: hardware.name, device: hardware.device ?? 'first' }, 'decoding on hardware');
  return hardware;
}
