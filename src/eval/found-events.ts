import type { FoundData } from './found-event-schema.js';
import type { FoundSegment } from './truth.js';

/** What was found in one clip. */
export interface FoundClip {
  /** Where the clip lies: path or URL. */
  readonly source: string;
  /** Null: not known. */
  readonly durationMs: number | null;
  /** How its tagging ended; null: not known. */
  readonly outcome: 'completed' | 'failed' | 'interrupted' | null;
  /** One that is still open ends at infinity. */
  readonly segments: readonly FoundSegment[];
}

/** The segments of each epoch that events tell of, epochs in the order in which they began; a repeated event counts once. */
export function toFoundClips(events: Iterable<{ readonly data: FoundData }>): FoundClip[] {
  const clips = new Map<string, EpochSegments>();
  for (const { data } of events) {
    if (data.epoch === null) continue;
    const key = `${data.streamId} ${data.epoch}`;
    const clip = clips.get(key) ?? toClip(data.sourceUri);
    clips.set(key, clip);
    if (!('label' in data)) {
      if (data.state === 'completed') [clip.outcome, clip.durationMs] = ['completed', data.durationMs];
      if (data.state === 'failed' && clip.outcome !== 'completed') clip.outcome = 'failed';
      continue;
    }
    const { segmentId, label, startMs, phase, confirmedMs } = data;
    const held = clip.byId.get(segmentId);
    clip.byId.set(segmentId, {
      label,
      startMs,
      endMs: data.endMs ?? held?.endMs ?? Number.POSITIVE_INFINITY,
      confirmedMs: phase === 'started' ? confirmedMs : (held?.confirmedMs ?? null),
    });
  }
  return [...clips.values()].map(({ byId, ...clip }) => ({ ...clip, segments: [...byId.values()] }));
}

interface EpochSegments {
  readonly source: string;
  durationMs: number | null;
  outcome: 'completed' | 'failed' | 'interrupted';
  readonly byId: Map<string, FoundSegment>;
}

function toClip(source: string): EpochSegments {
  return { source, durationMs: null, outcome: 'interrupted', byId: new Map() };
}
