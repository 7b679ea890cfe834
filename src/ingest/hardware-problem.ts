import { redact } from '../redact.js';
import type { LogLine } from './ffmpeg-log.js';
import type { HardwareName } from './hardware.js';

/** Why a device does not decode, as the end of a sentence, and what to do about it. */
export interface HardwareProblem {
  readonly what: string;
  readonly remedy: string;
}

/** What ffmpeg told of one. */
export interface ToldProblem extends HardwareProblem {
  /** It is the device's own, not one that a stream can have too. */
  readonly isOfDevice: boolean;
}

interface Known extends HardwareProblem {
  readonly pattern: RegExp;
}

const CONTAINER_NVIDIA = 'in a container: --gpus all, with NVIDIA_DRIVER_CAPABILITIES=video,compute,utility';
const DRIVER = 'install its VA-API driver: intel-media-va-driver (Intel), mesa-va-drivers (AMD)';
const RUNTIME =
  'install the runtime of Quick Sync (libmfx-gen1.2 or libmfx1), or take vaapi, which drives the same device';
const CODEC = 'nothing: what a device cannot decode is decoded in software';

// The first that matches any line wins, so the special comes before the general.
const KNOWN: readonly Known[] = [
  {
    pattern: /Cannot load (?:libcuda|nvcuda)|Could not dynamically load CUDA/,
    what: 'there is no NVIDIA driver (libcuda.so.1)',
    remedy: `install the driver of NVIDIA; ${CONTAINER_NVIDIA}`,
  },
  {
    pattern: /Cannot load (?:lib)?nvcuvid|Failed loading nvcuvid/i,
    what: 'the NVIDIA driver lacks its decoder (libnvcuvid.so.1)',
    remedy: `install the whole driver; ${CONTAINER_NVIDIA}`,
  },
  {
    pattern: /CUDA_ERROR_NO_DEVICE|no CUDA-capable device/,
    what: 'there is a driver, but no NVIDIA GPU',
    remedy: `let this process see one; ${CONTAINER_NVIDIA}`,
  },
  {
    pattern: /CUDA_ERROR_INVALID_DEVICE|invalid device ordinal/,
    what: 'there is no GPU of that number',
    remedy: 'name one that nvidia-smi lists with decoding.device, from 0',
  },
  {
    pattern: /CUDA_ERROR_OUT_OF_MEMORY|cannot allocate memory|out of (?:device )?memory/i,
    what: 'its memory is full',
    remedy: 'watch fewer streams on it, or end what else uses it',
  },
  {
    pattern: /CUDA_ERROR_(?:INVALID_PTX|UNSUPPORTED_PTX_VERSION|NO_BINARY_FOR_GPU|SYSTEM_DRIVER_MISMATCH)/,
    what: 'the NVIDIA driver does not fit to this ffmpeg',
    remedy: 'bring the driver up to date',
  },
  {
    pattern: /Permission denied/,
    what: 'this user may not open its device',
    remedy: 'add the user to the group of the device: render',
  },
  {
    pattern: /vaInitialize|Failed to initialise VAAPI|No VA display found/,
    what: 'its VA-API driver is missing or does not fit',
    remedy: DRIVER,
  },
  {
    pattern: /\bMFX\b|mfx session|oneVPL|libmfx/i,
    what: 'there is no Quick Sync runtime',
    remedy: RUNTIME,
  },
  {
    pattern:
      /No support for codec|CUDA_ERROR_NOT_SUPPORTED|[Hh]ardware (?:does not support|is lacking required)|unsupported (?:profile|codec)|Codec .* is not supported|Failed setup for format|Impossible to convert between the formats|No decoder surfaces/,
    what: 'its codec, profile or size is not for this device',
    remedy: CODEC,
  },
  {
    pattern:
      /hardware accelerator failed|Failed to (?:sync surface|end picture)|CUDA_ERROR_(?:UNKNOWN|ILLEGAL_ADDRESS|ECC_UNCORRECTABLE)/,
    what: 'it failed while it decoded',
    remedy: 'see what the kernel and the driver say (dmesg), and start again to use the device again',
  },
];

const NO_DEVICE: Known = {
  pattern: /Device creation failed|No device available|Device setup failed/,
  what: 'no device of that kind could be opened',
  remedy: 'check its driver, and that this user may open it',
};
const DRIVER_OF_VAAPI: Known = {
  ...NO_DEVICE,
  what: 'its VA-API driver is missing or does not fit',
  remedy: DRIVER,
};
const DRIVER_OF_QSV: Known = { ...NO_DEVICE, what: 'there is no Quick Sync runtime', remedy: RUNTIME };
const SILENT: Readonly<Record<HardwareName, Known>> = {
  cuda: NO_DEVICE,
  vaapi: DRIVER_OF_VAAPI,
  qsv: DRIVER_OF_QSV,
};

/** What ffmpeg's last words say of a device that gave no picture. */
export function toHardwareProblem(name: HardwareName, lines: readonly LogLine[]): ToldProblem {
  const said = lines.filter(({ level }) => level !== 'info');
  const matches = ({ pattern }: Known): boolean => said.some(({ text }) => pattern.test(text));
  const known = KNOWN.find(matches) ?? [SILENT[name]].find(matches);
  if (known !== undefined) return { what: known.what, remedy: known.remedy, isOfDevice: true };
  const last = said.at(-1);
  return {
    what: last === undefined ? 'it gave no picture' : `ffmpeg said: ${redact(last.text)}`,
    remedy: 'try another ffmpeg (ffmpeg.path or FFMPEG_PATH) or driver',
    isOfDevice: false,
  };
}
