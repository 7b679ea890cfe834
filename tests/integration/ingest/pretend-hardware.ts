import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFfmpeg, type FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';

/** What goes wrong on the device that is pretended. */
export type Fault =
  | 'none'
  /** Its driver is broken: no picture of any video comes. */
  | 'no-device'
  /** The clip that it is tried on comes, no other video does. */
  | 'foreign-codec'
  /** The driver is gone after 7 pictures; `silently`: without a word. */
  | 'lost'
  | 'lost-silently'
  /** So it is, and it is not there any more after that. */
  | 'vanished'
  /** Pictures without red; or that are told 40 ms too late. */
  | 'wrong-colours'
  | 'wrong-times'
  /** Nothing ever comes. */
  | 'hung'
  /** The video is opened, and then nothing comes. */
  | 'stuck';

/**
 * A build whose device is the processor: a script in `folder` in front of the real ffmpeg takes the arguments for a device and
 * runs those for software, so that the chain of filters is that of the device, with ffmpeg's own scaler in the place of the device's.
 */
export async function pretendHardware(folder: string, fault: Fault = 'none'): Promise<FfmpegBuild> {
  const { path: real } = await findFfmpeg(null, process.env);
  const path = join(folder, `ffmpeg-${fault}`);
  await writeFile(path, toScript(real, fault));
  await chmod(path, 0o755);
  return findFfmpeg(path, {});
}

const LOST = '[h264 @ 0x1] [error] hardware accelerator failed to decode picture';
const FOREIGN = '[h264 @ 0x1] [error] No support for codec h264 profile 100.';
const NONE = '[AVHWDeviceContext @ 0x1] [error] Cannot load libcuda.so.1';

const ON_DEVICE: Readonly<Record<Fault, string>> = {
  none: '',
  'no-device': `echo '${NONE}' >&2; exit 1`,
  'foreign-codec': `if [[ $input != data:* ]]; then "$real" "\${args[@]:0:at}" -frames:v 0 -f null -; echo '${FOREIGN}' >&2; exit 1; fi`,
  lost: `if [[ $input != data:* ]]; then "$real" "\${args[@]:0:at}" -frames:v 7 "\${args[@]:at}"; echo '${LOST}' >&2; exit 1; fi`,
  'lost-silently': `if [[ $input != data:* ]]; then exec "$real" "\${args[@]:0:at}" -frames:v 7 "\${args[@]:at}"; fi`,
  vanished: `if [[ $input != data:* ]]; then if mkdir "$0.gone" 2> /dev/null; then exec "$real" "\${args[@]:0:at}" -frames:v 7 "\${args[@]:at}"; fi; "$real" "\${args[@]:0:at}" -frames:v 0 -f null -; echo '${NONE}' >&2; exit 1; fi`,
  'wrong-colours': 'args[graph]+=",lutrgb=r=0"',
  'wrong-times': 'args[graph]+=",setpts=PTS+0.04/TB"',
  hung: 'exec sleep 600',
  stuck: `if [[ $input != data:* ]]; then "$real" "\${args[@]:0:at}" -frames:v 0 -f null -; exec sleep 600; fi`,
};

function toScript(real: string, fault: Fault): string {
  return `#!/bin/bash
real='${real}' args=() hardware= input= at=0 graph=0
while [ $# -gt 0 ]; do
  case "$1" in
    -hwaccel | -hwaccel_output_format | -hwaccel_device | -extra_hw_frames | -init_hw_device)
      hardware=1; shift 2 ;;
    -i)
      input="$2"; args+=("$1" "$2"); at=\${#args[@]}; shift 2 ;;
    -vf)
      graph=$(( \${#args[@]} + 1 ))
      args+=("$1" "$(sed -E 's/scale_(cuda|vaapi|qsv)=([^,]*([^,]*,)*[^,]*):format=nv12,hwdownload/scale=\\2/' <<< "$2")"); shift 2 ;;
    *) args+=("$1"); shift ;;
  esac
done
if [ -n "$hardware" ]; then
  ${ON_DEVICE[fault] || ':'}
fi
exec "$real" "\${args[@]}"
`;
}
