import type { StreamConfig } from './config/config.js';
import { InferError, IngestError } from './errors.js';
import { FrameFailures } from './frame-failures.js';
import { MAX_LIVE_AHEAD } from './infer/batcher.js';
import { StaticGate } from './infer/static-gate.js';
import { hostClock, openLiveSource } from './ingest/live-source.js';
import { openLiveRecord } from './live-record-opening.js';
import { runLive } from './pipeline.js';
import { chooseScores, type Rig, type StreamView } from './tag-file.js';
import type { ConnectionState, Decoder, LiveListener, StreamIdentity } from './types.js';

/** What all live streams of a run share. */
export type LiveRig = Omit<Rig, 'slots'>;

/** A live stream to be watched. */
export interface LiveStream extends Pick<StreamConfig, 'tags' | 'fps'> {
  readonly streamId: string;
  /** May hold credentials. */
  readonly url: string;
  /** As people know it, without credentials. */
  readonly name: string;
  /** Without credentials. */
  readonly sourceUri: string;
  /** `tag`: what cannot be mended ends it, and so does time without a frame; null: it is watched for ever. */
  readonly giveUpAfterMs: number | null;
}

/** Why a stream is offline. */
export interface ConnectionProblem {
  readonly cause: string;
  readonly message: string;
  readonly remedy?: string | undefined;
}

/** Told while a live stream is watched. */
export interface LiveStreamListener {
  opened?(identity: StreamIdentity): void;
  begun?(view: StreamView): void;
  /** Everything up to this media time is scored. */
  advanced?(streamId: string, ptsMs: number): void;
  /** At each attempt to connect. */
  connection?(state: ConnectionState | 'gap', problem?: ConnectionProblem): void;
  /** Where it stands has changed, or why: attempts that fail in the same way are told once. */
  changed?(state: ConnectionState | 'gap', problem?: ConnectionProblem): void;
  openSegments?(count: number): void;
  /** With each connection. */
  decoder?(decoder: Decoder): void;
  decodeError?(): void;
  /** A picture came when no memory was free for it. */
  unread?(): void;
}

/**
 * What an abort means: `pause`, open segments go on in the next run; `shutdown` and `end-of-stream`, they end now.
 */
export type LiveStop = 'pause' | 'shutdown' | 'end-of-stream';

/** Frames of a live stream that may wait for the tagger; older ones give way. */
const LIVE_CAPACITY = 2;
/** Being read from the pipe, and being handed over. */
const HANDS = 2;

/**
 * Watches a live stream until `signal` aborts, with a LiveStop as its reason. Throws IngestError when the source cannot be
 * used, gives nothing for `giveUpAfterMs` or gave no picture until `end-of-stream`, after that is recorded, InferError when the tagger is lost for good, and
 * PublishError when the journal takes no more. Reconnects, gaps and restarts keep the epoch.
 */
export async function watchLiveStream(
  stream: LiveStream,
  rig: LiveRig,
  listener: LiveStreamListener,
  signal: AbortSignal,
): Promise<StreamIdentity> {
  const { config, model, build, hardware } = rig;
  const { streamId, url, name, giveUpAfterMs } = stream;
  const fps = stream.fps ?? rig.fps;
  const { keyframesOnly, staticGate } = config.sampling;
  const { identity, record, lastMs } = await openLiveRecord(stream, rig, {
    listener,
    now: hostClock,
    isTaggerLost: () => rig.tagger.state === 'failed',
  });
  let hadPicture = false;
  let lastProblem: Parameters<LiveListener['connection']>[1];
  const source = openLiveSource({
    url,
    name,
    build,
    hardware,
    input: model.input,
    fps,
    keyframesOnly,
    originMs: identity.startTimeMs!, // of every live stream
    giveUpAfterMs,
    slots: LIVE_CAPACITY + MAX_LIVE_AHEAD + HANDS,
    afterMs: lastMs,
    failFast: giveUpAfterMs !== null,
    listener: {
      connection: (state, problem) => {
        hadPicture ||= state === 'online';
        lastProblem = problem ?? lastProblem;
        record.connection(state, problem);
      },
      decodeError: () => listener.decodeError?.(),
      decoder: (decoder, note) => {
        if (note !== null) rig.log.warn({ stream: streamId }, note);
        listener.decoder?.(decoder);
      },
      warned: (text) => rig.log.warn({ stream: streamId }, text),
      dropped: () => listener.unread?.(),
    },
  });
  const failures = new FrameFailures(streamId, rig.log);
  const queued = rig.batcher.open(streamId, {
    policy: 'drop-oldest',
    capacity: LIVE_CAPACITY,
    onFailed: (error) => failures.tell(error),
    gate: staticGate ? new StaticGate(model.input) : undefined,
  });
  const lane = chooseScores(queued, rig);
  try {
    await runLive({ source, lane, record }, signal);
    const why = signal.reason as LiveStop;
    if (why === 'end-of-stream' && !hadPicture) throw toNothingSeen(name, lastProblem);
    await record.finish(why);
    return identity;
  } catch (error) {
    if (error instanceof IngestError) await record.fail(error.streamCause);
    else if (error instanceof InferError) await record.finish('pause');
    throw error;
  }
}

/** A stream without a single picture is not one in which nothing holds. */
function toNothingSeen(name: string, problem: Parameters<LiveListener['connection']>[1]): IngestError {
  const { cause, message, remedy } = problem ?? {
    cause: 'timeout',
    message: `${name} gave no picture in that time`,
    remedy: 'watch it for longer, or check it with labelcast probe',
  };
  return new IngestError(cause, message, remedy === undefined ? {} : { remedy });
}
