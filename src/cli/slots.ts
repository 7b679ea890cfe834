import type { TaggerHost } from '../infer/tagger-host.js';

/** Frames of each file that may wait for the tagger. */
export const QUEUE_CAPACITY = 4;

/** Frames in memory of each file at most. */
export function toSlots({ lanes, fileBatch }: Pick<TaggerHost, 'lanes' | 'fileBatch'>): number {
  return QUEUE_CAPACITY + lanes * fileBatch + 1;
}
