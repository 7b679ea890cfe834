import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import type { ModelInput } from '../types.js';
import { decode, type DecodeEnd, type Decoding } from './decode.js';
import type { FfmpegAbilities } from './ffmpeg-abilities.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { type Hardware, toHardwareFilters } from './hardware.js';
import { type HardwareProblem, toHardwareProblem } from './hardware-problem.js';
import { PixelPool } from './pixel-pool.js';
import { PROBE_CLIP } from './probe-clip.js';

/** The first use of a GPU after its start takes some seconds. */
const DEADLINE_MS = 20_000;
/** Of 255, on average; what a scaler makes otherwise is less, a driver that gives green or torn pictures far more. */
const MOST_DIFFERENCE = 8;

/** What pictures are made into when they are looked at only to see that they come. */
export const PROBE_INPUT: ModelInput = {
  width: 64,
  height: 64,
  resize: 'letterbox',
  align: 'center',
  pad: 114,
  interpolation: 'bilinear',
  matrix: 'auto',
  range: 'full',
};

/** Tries devices on a small clip, by the very chain by which videos are decoded. */
export class HardwareProbe {
  readonly #build: FfmpegBuild;
  readonly #abilities: FfmpegAbilities;
  readonly #deadlineMs: number;
  #reference: Promise<Taken> | null = null;

  constructor(build: FfmpegBuild, abilities: FfmpegAbilities, deadlineMs = DEADLINE_MS) {
    this.#build = build;
    this.#abilities = abilities;
    this.#deadlineMs = deadlineMs;
  }

  /** Why a device cannot be used; null: it gave the pictures and times that software gives. */
  async try(hardware: Hardware): Promise<HardwareProblem | null> {
    const missing = this.#toMissing(hardware) ?? (await findNode(hardware));
    if (missing !== null) return missing;
    this.#reference ??= this.#take(null);
    const wanted = await this.#reference;
    const given = await this.#take(hardware);
    if (given.isLate)
      return {
        what: `it gave nothing for ${this.#deadlineMs / 1000} s`,
        remedy: 'see whether its driver hangs, and start the machine anew',
      };
    if (given.times.length < wanted.times.length || wanted.times.length === 0)
      return toHardwareProblem(hardware.name, given.end?.lines ?? []);
    if (given.times.join() !== wanted.times.join())
      return {
        what: 'this ffmpeg gives its pictures other times',
        remedy: hardware.name === 'qsv' ? 'take vaapi, which drives the same device' : NEWER,
      };
    if (toDifference(given.bytes, wanted.bytes) > MOST_DIFFERENCE)
      return { what: 'it gives wrong pictures', remedy: 'bring its driver up to date' };
    return null;
  }

  #toMissing({ name }: Hardware): HardwareProblem | null {
    const { path, version, origin } = this.#build;
    const { accelerators, filters } = this.#abilities;
    const lacks = toHardwareFilters(name).filter((filter) => !filters.has(filter));
    if (accelerators.has(name) && lacks.length === 0) return null;
    const which = origin === 'bundled' ? 'the bundled ffmpeg of 2018' : `this ffmpeg (${version}, ${path})`;
    const what = accelerators.has(name) ? `the filter ${lacks.join(' and ')}` : name;
    return { what: `${which} has no ${what}`, remedy: NEWER };
  }

  async #take(hardware: Hardware | null): Promise<Taken> {
    const signal = AbortSignal.timeout(this.#deadlineMs);
    const run: Decoding = { ...RUN, build: this.#build, hardware };
    const frames = decode(run, new PixelPool(2, PROBE_INPUT.width * PROBE_INPUT.height * 3), signal);
    const times: number[] = [];
    const bytes: Uint8Array[] = [];
    for (;;) {
      const next = await frames.next().catch(() => null);
      // a time-out that took the pool's last slot away
      if (next === null) return { times, bytes, end: null, isLate: signal.aborted };
      if (next.done === true) return { times, bytes, end: next.value, isLate: signal.aborted };
      times.push(next.value.ptsMs);
      bytes.push(next.value.pixels.bytes.slice());
      next.value.pixels.release();
    }
  }
}

const NEWER =
  'install an ffmpeg that has it (apt-get install ffmpeg), or name one with ffmpeg.path or FFMPEG_PATH';

const RUN: Omit<Decoding, 'build' | 'hardware'> = {
  input: PROBE_CLIP,
  model: PROBE_INPUT,
  fps: 100, // more than the clip has, so that none is left out
  keyframesOnly: false,
  isSkipping: false,
  sourceFps: null,
  isToneMapped: false,
  threads: 1,
  seekMs: null,
};

interface Taken {
  readonly times: readonly number[];
  readonly bytes: readonly Uint8Array[];
  readonly end: DecodeEnd | null;
  readonly isLate: boolean;
}

/** Of all bytes, on average. */
function toDifference(some: readonly Uint8Array[], others: readonly Uint8Array[]): number {
  let sum = 0;
  let count = 0;
  for (const [n, picture] of some.entries()) {
    const other = others[n]!; // as many
    for (const [at, value] of picture.entries()) sum += Math.abs(value - other[at]!);
    count += picture.length;
  }
  return sum / count;
}

const RENDER_NODES = '/dev/dri';

/** ffmpeg has no words for a render node that is not there or closed to this user. */
async function findNode({ name, device }: Hardware): Promise<HardwareProblem | null> {
  if (name === 'cuda' || process.platform !== 'linux') return null;
  const names = await readdir(RENDER_NODES).catch((): string[] => []);
  const nodes = names.filter((node) => node.startsWith('renderD')).map((node) => `${RENDER_NODES}/${node}`);
  const path = device ?? nodes[0] ?? `${RENDER_NODES}/renderD128`;
  const problem = await access(path, constants.R_OK | constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  if (problem === null) return null;
  if (problem.code === 'ENOENT')
    return {
      what: `there is no ${path}`,
      remedy: `load the driver of the GPU; in a container: --device ${RENDER_NODES}`,
    };
  return {
    what: `this user may not open ${path}`,
    remedy: 'add the user to the group render; in a container: --group-add with its number',
  };
}
