/**
 * The vocabulary of labelcast. Stages import these types (and errors and config types) and never each other.
 * Times ending in `Ms` are integer media milliseconds from the epoch's start unless they say otherwise.
 */
import type { StreamCause } from './errors.js';
import type {
  Clock,
  LabelcastEvent,
  StreamKind,
  Thresholds,
  TransitionPhase,
  TransitionReason,
} from './events.js';

export type {
  Clock,
  CloudEvent,
  CompletedEvent,
  LabelcastEvent,
  LabelEvent,
  LabelEventData,
  LostEvent,
  NumberedCloudEvent,
  StreamKind,
  StreamStateEvent,
  StreamStateEventData,
  Thresholds,
  TransitionPhase,
  TransitionReason,
} from './events.js';

/** A frame's pixels: uint8 RGB, height × width × 3, at model size. Whoever receives the handle releases it once. */
export interface Pixels {
  /** The bytes; not to be read after `release()`. */
  readonly bytes: Uint8Array;
  /** CRC-32 of a part of the bytes, spread over the whole picture; computed when asked for. */
  hash(): number;
  /** Gives the memory back to its owner; a second call does nothing. */
  release(): void;
}

/** One picture chosen to be scored. Whoever receives it owns its pixels. */
export interface Frame {
  readonly ptsMs: number;
  /** A decode or demux error was reported between the frame before this one and this one. */
  readonly damaged: boolean;
  readonly pixels: Pixels;
}

/** How a source ended. `corrupt`: its data ended before the stated duration, or the demuxer called it truncated. */
export interface SourceEnd {
  /** Media time at which the source ends (exclusive), or null when unknown. */
  readonly durationMs: number | null;
  readonly cause: 'corrupt' | null;
  /** One line for people when `cause` is set. */
  readonly message?: string;
}

/** How the connection of a live source stands. `offline`: lost, or it cannot be made; another attempt follows. */
export type ConnectionState = 'connecting' | 'online' | 'offline';

/** What decodes the pictures of a stream. */
export type Decoder = 'software' | 'cuda' | 'vaapi' | 'qsv';

/** Told what decodes a stream, whenever that is begun; `note`: one line for people when it is not what was asked for. */
export type DecoderListener = (decoder: Decoder, note: string | null) => void;

/** Told what a live source's frames do not say. */
export interface LiveListener {
  readonly decoder?: DecoderListener;
  /** `cause`: why it is `offline`, with one line for people; `online` comes with the first frame of a connection. */
  connection(
    state: ConnectionState,
    problem?: { readonly cause: StreamCause; readonly message: string; readonly remedy?: string | undefined },
  ): void;
  /** ffmpeg reported lost or undecodable data. */
  decodeError(): void;
  /** One line for people: the stream is read with a loss. */
  warned?(text: string): void;
  /** A picture was read and discarded, because all the memory for pictures was in use. */
  dropped?(): void;
}

/** Yields frames of one source in media order, waits when not asked, throws IngestError; returns how it ended. */
export interface FrameSource {
  frames(signal: AbortSignal): AsyncGenerator<Frame, SourceEnd, void>;
}

/** One probability per label, in manifest order. */
export type Scores = Float32Array;

/** A frame after inference; its pixels are already released. */
export interface ScoredFrame {
  readonly ptsMs: number;
  readonly damaged: boolean;
  readonly scores: Scores;
  /** What the frame's `Pixels.hash` gave. */
  readonly hash: number;
}

/** Runs batches. At most `lanes` calls of `tag` may be open at once. */
export interface Tagger {
  readonly lanes: number;
  /** Processes that run batches side by side, a device each. */
  readonly devices: number;
  /** Most frames `tag` takes when none is of a file; may shrink, never grows. */
  readonly maxBatch: number;
  /** The one size to which batches with a file's frame are padded, so the most frames such a batch holds. */
  readonly fileBatch: number;
  /** What else than the model decides the scores of a file; one that began under another value fails. */
  readonly fileMode: string;
  /**
   * Scores frames in order; `fixed` when one of them is of a file. A frame that fails alone gets an InferError
   * in its place; the call rejects only when the tagger is closed or cannot be brought back. Does not release
   * the frames' pixels.
   */
  tag(frames: readonly Pixels[], options: { readonly fixed: boolean }): Promise<(Scores | Error)[]>;
}

/** What the queue does when a stream's share is full. */
export type OverflowPolicy = 'wait' | 'drop-oldest';

/** One stream's way through the queue and the tagger. */
export interface Lane {
  /** Hands a frame over, pixels included; `wait`: resolves once there is room for the next one. */
  push(frame: Frame): Promise<void>;
  /** No more frames will come; `scored()` ends when all are out. */
  end(): void;
  /** Scored frames in the order pushed; throws InferError when a frame of a waiting stream fails. */
  scored(): AsyncIterable<ScoredFrame>;
  /** Drops what is queued, releases the pixels and frees the lane. */
  close(): void;
}

/** A change of one label's state on one stream, in media time. */
export interface Transition {
  readonly phase: TransitionPhase;
  readonly reason: TransitionReason;
  /** Index into the manifest's labels. */
  readonly label: number;
  readonly startMs: number;
  /** Exclusive; null while the segment is open. */
  readonly endMs: number | null;
  /** startMs (`started`), heartbeat or resume time (`updated`) or endMs (`ended`). */
  readonly atMs: number;
  /** Media time of the frame (or of the end) that made this sure. */
  readonly confirmedMs: number;
  /** `current`: smoothed; `peak`, `mean`: of raw scores over [startMs, now]. Not rounded. */
  readonly score: { readonly current: number; readonly peak: number; readonly mean: number };
  readonly frames: { readonly observed: number; readonly expected: number };
}

/** Smoothing settings in force for one stream; `thresholds` in manifest label order. */
export interface Smoothing {
  readonly halfLifeMs: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  readonly gapToleranceMs: number;
  readonly thresholds: readonly Thresholds[];
  /** What the log-odds of scores are divided by before anything else; absent: 1. */
  readonly temperature?: number;
}

/** Everything a smoother must remember to go on after a restart; plain JSON. */
export type SmootherState = Readonly<Record<string, unknown>>;

/** How a decoded picture becomes the frame a model takes: full-range RGB at width × height. */
export interface ModelInput {
  readonly width: number;
  readonly height: number;
  readonly resize: 'letterbox' | 'squash';
  /** Where a letterboxed picture lies; the rest holds `pad` in all channels. */
  readonly align: 'top-left' | 'center';
  readonly pad: number;
  readonly interpolation: 'bilinear' | 'bicubic' | 'area' | 'lanczos';
  /** `auto`: the one the source states, BT.601 when it states none. */
  readonly matrix: 'auto' | 'bt601' | 'bt709';
  readonly range: 'full';
}

/** The model that scores a stream. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  /** Of the model file that runs; with a prelude or files of weights, of all that decides its scores. */
  readonly sha256: string;
  readonly labels: readonly string[];
}

/** What identifies a stream in events and in the journal. */
export interface StreamIdentity {
  readonly streamId: string;
  readonly kind: StreamKind;
  /** Without credentials. */
  readonly sourceUri: string;
  readonly epoch: string;
  readonly clock: Clock;
  /** UTC of media time 0, milliseconds since 1970; null when `clock` is `none`. */
  readonly startTimeMs: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** An interval in which a label holds; `endMs` null while it is open. */
export interface Segment {
  readonly segmentId: string;
  readonly streamId: string;
  readonly epoch: string;
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly startReason: TransitionReason;
  readonly endReason: TransitionReason | null;
  readonly score: { readonly peak: number; readonly mean: number };
  readonly frames: { readonly observed: number; readonly expected: number };
}

/** From where a stream goes on: everything up to and including `lastMs` is smoothed and journalled. */
export interface Checkpoint {
  /** ptsMs of the last smoothed frame. */
  readonly lastMs: number;
  /** CRC-32 of that frame's pixels. */
  readonly frameHash: number;
  readonly nextSequence: number;
  readonly smoother: SmootherState;
}

/** Score curves of one stream and minute, labels that reached 0.05 only. */
export interface ScoreBlock {
  readonly minute: number;
  /** ptsMs of each frame in the minute. */
  readonly timesMs: readonly number[];
  /** Label index → raw scores, one per frame; NaN: below 0.05 and not kept, because the run was interrupted. */
  readonly curves: ReadonlyMap<number, Float32Array>;
}

/** What one step of one stream adds; stored in one transaction. */
export interface Commit {
  /** Null: the stream events of a source that has no epoch, and nothing else; an event already held is left as it is. */
  readonly epoch: string | null;
  readonly events: readonly LabelcastEvent[];
  readonly segments: readonly Segment[];
  readonly scores: readonly ScoreBlock[];
  readonly checkpoint: Checkpoint | null;
  /** Set with the last commit of a stream. */
  readonly finished?: 'completed' | 'failed';
}

/** What the journal already holds of an epoch. */
export interface EpochState {
  readonly identity: StreamIdentity;
  /** Nothing is held of this epoch, but another one of the same stream is: a setting or the model has changed since. */
  readonly isAnew: boolean;
  /** It was not the newest epoch of its stream, and is from now on: the settings and the model are those of an earlier run. */
  readonly wasLeft: boolean;
  readonly checkpoint: Checkpoint | null;
  readonly finished: 'completed' | 'failed' | null;
  /** Events and segments from before that, milliseconds since 1970, were removed with age; missing: none. */
  readonly wholeFromMs?: number;
  /** The segments that are open at the checkpoint. */
  readonly openSegments: readonly Segment[];
  /** The stored block of the minute in which the checkpoint lies, to be continued. */
  readonly scores: ScoreBlock | null;
}

/** A committed event with its place in the journal. */
export interface JournalRow {
  readonly position: number;
  readonly event: LabelcastEvent;
  /** The event's JSON, the bytes every sink delivers. */
  readonly json: string;
  /** When it was committed, milliseconds since 1970. */
  readonly committedMs: number;
}

/** Where a live stream of this journal stood when it was last committed. */
export interface LastEpoch {
  readonly identity: StreamIdentity;
  readonly checkpoint: Checkpoint | null;
  /** Number of its last label event; 0: none. */
  readonly lastSequence: number;
}

/** The durable record: events, segments, scores and checkpoints commit together, in their own thread. */
export interface Journal {
  /** Opens or creates an epoch; a held epoch keeps its own identity (streamId, sourceUri). That of a file is the newest of its stream then. */
  openEpoch(identity: StreamIdentity): Promise<EpochState>;
  /** The newest live epoch of a stream that has a checkpoint; null when this journal has none. */
  lastEpoch(streamId: string): Promise<LastEpoch | null>;
  /** Resolves when the commit is on disk; group-committed with others. Throws PublishError. */
  commit(commit: Commit): Promise<void>;
  /** Committed rows after `position`, oldest first; optionally of one epoch, or of sources without one (null), only. */
  read(after: number, limit: number, epoch?: string | null): Promise<JournalRow[]>;
  segments(epoch: string): Promise<Segment[]>;
  /** Why an epoch failed; null when it did not. */
  failureOf(epoch: string): Promise<StreamCause | null>;
}

/** Where a relay delivers the journal's events. */
export interface Sink {
  readonly name: string;
  /** Cuts or checks the destination so that it ends exactly at `cursor` (null: nothing delivered yet). */
  open(cursor: string | null): Promise<void>;
  /**
   * Delivers rows in order; resolves to the new cursor after the destination acknowledged. After a failure the same rows
   * come again. The signal says that the relay is being closed: an end is wanted soon, and the rows stay in the journal.
   */
  deliver(rows: readonly JournalRow[], signal: AbortSignal): Promise<string>;
  /** Told, while a delivery is under way, which rows the next one will have, so that it can be made ready meanwhile. */
  foresee?(rows: readonly JournalRow[]): void;
}

/** `retrying`: its last attempt failed and will be repeated; `stopped`: it takes nothing until the next start. */
export type SinkState = 'delivering' | 'retrying' | 'stopped';
