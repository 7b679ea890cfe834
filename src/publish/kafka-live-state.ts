import type { Journal } from '../types.js';
import { toStateKey } from './kafka-records.js';

/** What the state topic is held against when the sink opens. */
export interface LiveState {
  /** Streams whose open segments this journal knows; keys of others are left alone. */
  readonly streamIds: ReadonlySet<string>;
  /** `streamId/label` of each segment that is open. */
  readonly openKeys: ReadonlySet<string>;
}

/** What a journal knows of these live streams, now. */
export async function readLiveState(
  journal: Pick<Journal, 'lastEpoch' | 'segments'>,
  streamIds: readonly string[],
): Promise<LiveState> {
  const openKeys = new Set<string>();
  for (const streamId of streamIds) {
    const last = await journal.lastEpoch(streamId);
    if (last === null) continue;
    for (const segment of await journal.segments(last.identity.epoch))
      if (segment.endMs === null) openKeys.add(toStateKey(segment));
  }
  return { streamIds: new Set(streamIds), openKeys };
}
