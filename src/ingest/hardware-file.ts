import type { Frame } from '../types.js';
import type { DecodeEnd } from './decode.js';
import { type HardwareProblem, toHardwareProblem } from './hardware-problem.js';
import type { HardwareName } from './hardware.js';
import type { ResumePoint } from './resume.js';

type Frames = AsyncGenerator<Frame, DecodeEnd, void>;

/** How a file is decoded on a device. */
export interface HardwareRun {
  readonly name: HardwareName;
  readonly resume: ResumePoint | null;
  readonly onDevice: Frames;
  /** The frames after a point in software; null: all of them. */
  openSoftware(after: ResumePoint | null): Frames;
  /** Whether a run ended where the file does, without a fault. */
  isWhole(end: DecodeEnd): boolean;
  /** Told when software has a frame that the device did not give. */
  onFault(problem: Pick<HardwareProblem, 'what'>): void;
}

/**
 * The frames of a file from a device, up to the first sign of a fault; from there on, those of software. So no device decides
 * that a file is damaged, and none that fails or vanishes takes a frame with it.
 */
export async function* decodeOnDevice(run: HardwareRun, signal: AbortSignal): Frames {
  let point = run.resume;
  let problem: Pick<HardwareProblem, 'what'>;
  try {
    for (;;) {
      const next = await run.onDevice.next();
      if (next.done === true) {
        const end = next.value;
        if (signal.aborted || run.isWhole(end)) return end;
        problem = toHardwareProblem(run.name, end.lines);
        break;
      }
      const { ptsMs, damaged, pixels } = next.value;
      if (damaged) {
        pixels.release();
        problem = { what: `it reported an error before ${(ptsMs / 1000).toFixed(1)} s` };
        break;
      }
      // by its time alone: software makes other pixels
      point = { lastMs: ptsMs, frameHash: null };
      yield next.value;
    }
  } finally {
    await run.onDevice.return(undefined as never);
  }
  const rest = run.openSoftware(point);
  try {
    let next = await rest.next();
    if (next.done !== true) run.onFault(problem);
    for (; next.done !== true; next = await rest.next()) yield next.value;
    return { ...next.value, lastMs: next.value.lastMs ?? point?.lastMs ?? null };
  } finally {
    await rest.return(undefined as never);
  }
}
