import type { Budget } from './budget.js';
import type { Package } from './packages.js';
import type { Device, Results } from './results.js';

/** What the steps work with. */
export interface Run {
  readonly results: Results;
  readonly devices: readonly Device[];
  readonly packages: readonly Package[];
  readonly clips: readonly string[];
  readonly ffmpeg: string;
  /** Sampling of videos, frames per second. */
  readonly fps: number;
  /** How long one figure is measured at most, beside what each step allows. */
  readonly longestSeconds: number;
  /** For what is made and thrown away. */
  readonly folder: string;
  /** Writes what is known to disk. */
  readonly save: () => void;
  /** Says it on stderr. */
  readonly tell: (text: string) => void;
}

export type Step = (run: Run, budget: Budget) => Promise<void>;

/** Records in words what could not be run, and goes on. */
export function notRun({ results, save, tell }: Run, what: string, reason: unknown): void {
  const text = reason instanceof Error ? reason.message : String(reason);
  results.notRun.push({ what, reason: text });
  tell(`${what}: not run: ${text}`);
  save();
}

/** For messages: model, precision and device. */
export function toTitle({ name, precision }: Package, device: Device): string {
  return `${name} ${precision} on ${device}`;
}
