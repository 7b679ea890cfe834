import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds that a process that still runs has used, all its threads together. */
export function processCpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadCpuMs(pid, Number(thread)), 0);
}

/** The same of one thread; the main thread has the number of its process. */
export function threadCpuMs(pid: number, thread = pid): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
