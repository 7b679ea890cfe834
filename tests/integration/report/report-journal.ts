import type { JournalHandle } from '../../../src/publish/journal.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { fileEpoch } from '../../../src/publish/ids.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import type { LabelcastEvent, ScoreBlock, StreamIdentity, Transition } from '../../../src/types.js';
import { ended, epochParts, started } from '../../unit/publish/samples.js';

/** What one stream of a test leaves in a journal. */
export interface Recording {
  readonly identity: StreamIdentity;
  readonly labels: readonly string[];
  /** [label's place, start, end]; no end: it is still open. */
  readonly segments?: readonly (readonly [number, number, number?])[];
  readonly scores?: readonly ScoreBlock[];
  /** Of the last frame. */
  readonly lastMs: number;
  readonly smoother?: Readonly<Record<string, unknown>>;
  readonly end?: 'completed' | 'failed';
  /** How a live stream stood, and when on the clock. */
  readonly standings?: readonly (readonly ['connecting' | 'online' | 'gap' | 'offline' | 'ended', number])[];
  readonly sha256?: string;
}

/** The identity of a file, or of a camera that began at `startTimeMs`. */
export function identityOf(
  streamId: string,
  sourceUri: string,
  startTimeMs: number | null = null,
): StreamIdentity {
  const kind = sourceUri.startsWith('file:') ? 'file' : 'live';
  const clock = kind === 'live' ? 'receive' : startTimeMs === null ? 'none' : 'file-metadata';
  return { streamId, kind, sourceUri, epoch: fileEpoch(epochParts(streamId)), clock, startTimeMs, tags: {} };
}

/** Commits a recording as a run does: events, segments, scores and checkpoint, then how it ended. */
export async function record(journal: JournalHandle, recording: Recording): Promise<void> {
  const { identity, labels, segments = [], scores = [], standings = [], lastMs, end = null } = recording;
  const { kind, streamId, epoch, sourceUri } = identity;
  await journal.openEpoch(identity);
  const model = { name: 'nano', version: '1.0.0', sha256: recording.sha256 ?? 'ab'.repeat(32), labels };
  const thresholds = labels.map((_, n) => ({ enter: 0.5 + n / 1000, exit: 0.4 }));
  const writer = new EventWriter({ deployment: 'default', identity, model, thresholds });
  const transitions = segments.flatMap(([label, startMs, endMs]): Transition[] =>
    endMs === undefined ? [started(label, startMs)] : [started(label, startMs), ended(label, startMs, endMs)],
  );
  const stream = { streamId, kind, epoch, sourceUri };
  const written = writer.write(transitions, 0);
  const events: LabelcastEvent[] = [
    ...standings.map(([state, atMs]) => toStreamEvent('default', { ...stream, state }, atMs)),
    ...written.events,
  ];
  if (end === 'completed') events.push(writer.complete(lastMs + 200, 0));
  if (end === 'failed')
    events.push(toStreamEvent('default', { ...stream, state: 'failed', cause: 'corrupt' }, 0));
  const checkpoint = {
    lastMs,
    frameHash: 0,
    nextSequence: writer.nextSequence,
    smoother: { model, ...recording.smoother },
  };
  await journal.commit({
    epoch,
    events,
    segments: written.segments,
    scores,
    checkpoint,
    ...(end === null ? {} : { finished: end }),
  });
}
