import { PublishError } from '../errors.js';
import type { Checkpoint, Commit, LabelcastEvent, ScoreBlock, Segment } from '../types.js';

const MAX_EVENT_BYTES = 8192;

/** An event as it is stored: its bytes, and what the journal checks. `sequence` null: unnumbered. */
export interface StoredEvent {
  readonly id: string;
  readonly sequence: number | null;
  readonly json: string;
}

/** A commit on its way to the journal's thread. */
export interface StoredCommit {
  readonly epoch: string | null;
  readonly events: readonly StoredEvent[];
  readonly segments: readonly Segment[];
  readonly scores: readonly ScoreBlock[];
  readonly checkpoint: Checkpoint | null;
  readonly finished: 'completed' | 'failed' | null;
}

/** Throws PublishError when an event is too large. */
export function toStoredCommit({
  epoch,
  events,
  segments,
  scores,
  checkpoint,
  finished,
}: Commit): StoredCommit {
  return {
    epoch,
    events: events.map(toStoredEvent),
    segments,
    scores,
    checkpoint,
    finished: finished ?? null,
  };
}

function toStoredEvent(event: LabelcastEvent): StoredEvent {
  const json = JSON.stringify(event);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_EVENT_BYTES)
    throw new PublishError(
      `an event of ${event.data.streamId} has ${bytes} bytes; ${MAX_EVENT_BYTES} are allowed`,
      {
        remedy: 'shorten its tags, its label or the address of its source',
        isOfStream: true,
      },
    );
  return { id: event.id, sequence: event.sequence === undefined ? null : Number(event.sequence), json };
}
