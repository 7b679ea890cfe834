import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process started and that are still there. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** Program and arguments of a process; empty once it has ended. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** Every process of this machine that has not ended. */
export function allProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && commandOf(pid) !== '');
}

/** Resident memory, MiB; NaN once it has ended. */
export function residentMiB(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** What a process holds for itself alone, not mapped from files, MiB. */
export function anonymousMiB(pid: number): number {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Anonymous') / 1024;
}

function kilobytes(file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(file))?.[1] ?? Number.NaN);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
