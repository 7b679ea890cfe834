import type { Config } from '../config/config.js';
import { ConfigError } from '../errors.js';
import { readFfmpegAbilities } from './ffmpeg-abilities.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { type Hardware, HARDWARE_NAMES, type HardwareName } from './hardware.js';
import type { HardwareProblem } from './hardware-problem.js';
import { HardwareProbe } from './hardware-probe.js';

/** What decodes; `refused`: the kinds of hardware that were tried in vain. */
export interface HardwareChoice {
  /** Null: software. */
  readonly hardware: Hardware | null;
  readonly refused: readonly Refusal[];
}

interface Refusal extends HardwareProblem {
  readonly name: HardwareName;
}

/**
 * Tries what the config asks for: a kind of hardware, or each in turn until one works (`auto`). Throws ConfigError when a
 * kind that was named cannot be used.
 */
export async function chooseHardware(
  { hardware: wanted, device }: Config['decoding'],
  build: FfmpegBuild,
  deadlineMs?: number,
): Promise<HardwareChoice> {
  if (wanted === 'off') return { hardware: null, refused: [] };
  const probe = new HardwareProbe(build, await readFfmpegAbilities(build.path), deadlineMs);
  const refused: Refusal[] = [];
  for (const name of wanted === 'auto' ? HARDWARE_NAMES : [wanted]) {
    const hardware = { name, device: device === undefined ? null : String(device) };
    const problem = toMisfit(hardware) ?? (await probe.try(hardware));
    if (problem === null) return { hardware, refused };
    refused.push({ name, ...problem });
  }
  if (wanted !== 'auto') throw toError(refused[0]!); // it was tried
  return { hardware: null, refused };
}

/** One line for people on `auto` that found nothing. */
export function toSoftwareNote({ refused }: HardwareChoice): string {
  return `videos are decoded in software, since no hardware can be used here: ${toReasons(refused)}`;
}

/** Each kind with why it cannot be used. */
export function toReasons(refused: readonly Refusal[]): string {
  return refused.map(({ name, what }) => `${name}: ${what}`).join('; ');
}

function toMisfit({ name, device }: Hardware): HardwareProblem | null {
  if (device === null || /^\d+$/.test(device) === (name === 'cuda')) return null;
  const is = name === 'cuda' ? 'the number of a GPU' : 'a path like /dev/dri/renderD128';
  return {
    what: `decoding.device is ${device}, and ${name} takes ${is}`,
    remedy: 'correct it, or leave it out for the first device',
  };
}

function toError({ name, what, remedy }: Refusal): ConfigError {
  const message = `${name} cannot decode here: ${what}`;
  return new ConfigError(message, [], {
    remedy: `${remedy}. With --hwaccel auto (decoding.hardware) videos are decoded in software where no hardware can be used`,
  });
}
