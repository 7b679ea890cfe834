import { availableParallelism } from 'node:os';
import type { Provider } from './tagger-messages.js';

/** What can be asked for; `auto` is the CPU: a GPU has to be named. */
export type Device = 'auto' | Provider;

/** How a provider is driven. */
export interface ProviderPlan {
  readonly provider: Provider;
  /** Sessions side by side. */
  readonly sessions: number;
  /** Ascending. */
  readonly batchSizes: readonly number[];
  /** The one size for batches with a file's frame; one of `batchSizes`. */
  readonly fileBatch: number;
}

const MAX_CPU_SESSIONS = 8;

/** The plan for a device on this machine. */
export function planProvider(device: Device, cores: number = availableParallelism()): ProviderPlan {
  if (device === 'auto' || device === 'cpu') {
    // A frame costs the same in batches of 1 to 8 on a CPU core, while each frame of the size takes 19 MB a session.
    const sessions = Math.min(Math.max(cores, 1), MAX_CPU_SESSIONS);
    return { provider: 'cpu', sessions, batchSizes: [1, 2, 4], fileBatch: 1 };
  }
  return { provider: device, sessions: 1, batchSizes: [1, 2, 4, 8, 16], fileBatch: 8 };
}
