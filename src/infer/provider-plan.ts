import { availableParallelism } from 'node:os';
import type { Provider } from './tagger-messages.js';

/** What can be asked for; `auto` is the fastest that agrees with the CPU. */
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
/** On a GPU; the largest that can be configured. */
const SIZES = [1, 2, 4, 8, 16, 32, 64];
const GPU_FILE_BATCH = 16;

/** The plan for a provider on this machine, for batches of `maxBatch` frames at most. */
export function planProvider(
  provider: Provider,
  { cores = availableParallelism(), maxBatch = GPU_FILE_BATCH }: { cores?: number; maxBatch?: number } = {},
): ProviderPlan {
  if (provider === 'cpu') {
    // A frame costs the same in batches of 1 to 8 on a CPU core, while each frame of the size takes 19 MB a session.
    const sessions = Math.min(Math.max(cores, 1), MAX_CPU_SESSIONS);
    return { provider, sessions, batchSizes: [1, 2, 4], fileBatch: 1 };
  }
  // the first as large as a batch can be is the last that is of use
  const last = SIZES.findIndex((size) => size >= maxBatch);
  const batchSizes = SIZES.slice(0, last + 1);
  return { provider, sessions: 1, batchSizes, fileBatch: Math.min(GPU_FILE_BATCH, batchSizes.at(-1)!) };
}
