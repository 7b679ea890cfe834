import { JournalDatabase } from '../../src/publish/journal-database.js';
import { checkFrames, type HeldFrames } from './frame-checks.js';
import type { Watching } from './rig.js';
import { row } from './table.js';

/** Prints whether a service that has been stopped accounts for every frame; `capacity`: frames of a stream that may wait. */
export function tellFrames(
  { life, journal }: Watching,
  streamIds: readonly string[],
  capacity?: number,
): void {
  const room = { streams: streamIds.length, ...(capacity === undefined ? {} : { capacity }) };
  for (const { name, value, aim } of checkFrames([life], readHeld(journal, streamIds), room))
    row(name, value, aim);
}

function readHeld(journal: string, streamIds: readonly string[]): HeldFrames[] {
  const database = new JournalDatabase(journal);
  try {
    return streamIds.map((streamId) => {
      const { originMs, framesMs } = framesOf(database, streamId);
      return { streamId, timesMs: framesMs.map((ms) => originMs + ms) };
    });
  } finally {
    database.close();
  }
}

/** Media times of a live stream's scored frames, and UTC of media time 0, ms since 1970. Throws when there is no such stream. */
export function framesOf(
  database: JournalDatabase,
  streamId: string,
): { readonly originMs: number; readonly framesMs: readonly number[] } {
  const identity = database.lastEpoch(streamId)?.identity;
  if (identity === undefined) throw new Error(`the journal holds nothing of ${streamId}`);
  return {
    originMs: identity.startTimeMs!, // of every live stream
    framesMs: database.scores(identity.epoch).flatMap(({ timesMs }) => timesMs),
  };
}
