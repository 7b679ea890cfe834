import { Track } from './infer/track.js';
import { openLiveEpoch } from './live-epoch.js';
import { LiveRecord } from './live-record.js';
import type { LiveRig, LiveStream, LiveStreamListener } from './live-stream.js';
import { toModelState, withState } from './model-state.js';
import { EpochRecorder } from './publish/epoch-recorder.js';
import type { StreamIdentity } from './types.js';

/** What scores are recorded by, wherever they come from. */
export type RecordRig = Pick<LiveRig, 'config' | 'model' | 'labels' | 'smoothing' | 'fps' | 'journal'>;

/** A live stream whose scores can be recorded from now on. */
export interface OpenedRecord {
  /** `startTimeMs` is never null. */
  readonly identity: StreamIdentity;
  readonly record: LiveRecord;
  /** The last frame that the journal holds of this epoch; null: none. */
  readonly lastMs: number | null;
}

/**
 * Goes on with the last epoch of a live stream, or begins one; nothing of the stream itself is read. `now`: milliseconds since
 * 1970. Throws PublishError when the journal takes no more.
 */
export async function openLiveRecord(
  stream: LiveStream,
  rig: RecordRig,
  options: {
    readonly listener: LiveStreamListener;
    readonly now: () => number;
    readonly isTaggerLost: () => boolean;
  },
): Promise<OpenedRecord> {
  const { config, smoothing, labels, journal } = rig;
  const { listener, now, isTaggerLost } = options;
  const { streamId, tags } = stream;
  const { held, previous, isContinued } = await openLiveEpoch(stream, rig, Math.round(now()));
  const identity = { ...held.identity, tags };
  listener.opened?.(identity);
  const trackOptions = {
    kind: 'live',
    fps: stream.fps ?? rig.fps,
    keyframesOnly: config.sampling.keyframesOnly,
    smoothing,
    labelCount: labels.length,
    resumeToleranceMs: config.smoothing.resumeToleranceMs,
  } as const;
  const track = new Track(trackOptions, isContinued ? held.checkpoint?.smoother : undefined);
  const openLabels = () => track.openSegments().map(({ label }) => labels[label]!.name);
  listener.begun?.({ durationMs: null, openLabels });
  const modelState = toModelState(rig);
  const context = {
    deployment: config.deployment,
    identity,
    ...modelState,
    thresholds: smoothing.thresholds,
    previous,
  };
  const recorder = new EpochRecorder({ journal, context, held, observer: withState(track, modelState) });
  const originMs = identity.startTimeMs!; // of every live stream
  const nowMs = () => Math.round(now() - originMs);
  const record = new LiveRecord({ track, recorder, listener, streamId, nowMs, isTaggerLost });
  return { identity, record, lastMs: held.checkpoint?.lastMs ?? null };
}
