/** What a failed stream says of itself in events, logs and the summary. */
export type StreamCause =
  | 'auth'
  | 'not-found'
  | 'refused'
  | 'timeout'
  | 'stalled'
  | 'decode'
  | 'unsupported'
  | 'inference'
  | 'overload'
  | 'frozen'
  | 'black'
  | 'corrupt'
  | 'ended'
  | 'removed';

/** `cause`: the error underneath, never shown to users; `remedy`: what to do about it, in one sentence. */
interface StageErrorOptions {
  readonly remedy?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An error a user can act on: what and where in the message, what to do in `remedy`. Never printed with a stack. */
abstract class StageError extends Error {
  readonly remedy: string | undefined;
  readonly retryable: boolean;

  constructor(message: string, options: StageErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.remedy = options.remedy;
    this.retryable = options.retryable ?? false;
  }
}

/** A source cannot be opened or read. */
export class IngestError extends StageError {
  readonly streamCause: StreamCause;

  constructor(streamCause: StreamCause, message: string, options?: StageErrorOptions) {
    super(message, options);
    this.streamCause = streamCause;
  }
}

/**
 * Why a frame was not scored: it ends the tagger also alone (`poison`), there is no memory for it, the runtime refuses it, the
 * model gives no numbers for it, or the tagger itself is lost.
 */
export type FrameFailure = 'poison' | 'memory' | 'refused' | 'not-numbers' | 'tagger';

/** The model cannot be loaded, or a frame cannot be scored. */
export class InferError extends StageError {
  readonly frameFailure: FrameFailure;

  constructor(message: string, options: StageErrorOptions & { readonly frameFailure?: FrameFailure } = {}) {
    super(message, options);
    this.frameFailure = options.frameFailure ?? 'tagger';
  }
}

/** The journal or a sink cannot take events. */
export class PublishError extends StageError {
  /** The events of one stream alone are refused, for what they are; those of others are taken. */
  readonly isOfStream: boolean;
  /** The journal's disk is full: nothing of the kind was written, and the same may be tried again once there is room. */
  readonly isOutOfRoom: boolean;

  constructor(
    message: string,
    options: StageErrorOptions & { readonly isOfStream?: boolean; readonly isOutOfRoom?: boolean } = {},
  ) {
    super(message, options);
    this.isOfStream = options.isOfStream ?? false;
    this.isOutOfRoom = options.isOutOfRoom ?? false;
  }
}

/** Flags, config or environment are unusable; `issues` lists every problem with its path. */
export class ConfigError extends StageError {
  readonly issues: readonly string[];

  constructor(message: string, issues: readonly string[] = [], options?: StageErrorOptions) {
    super(message, options);
    this.issues = issues;
  }
}

export type LabelcastError = IngestError | InferError | PublishError | ConfigError;

/** Whether the journal goes on without one stream. */
export function isStreamRefusal(error: unknown): error is PublishError {
  return error instanceof PublishError && error.isOfStream;
}

/** Whether the disk of the journal is full. */
export function isOutOfRoom(error: unknown): error is PublishError {
  return error instanceof PublishError && error.isOutOfRoom;
}

/** Whether an error is one of ours, meant for people. */
export function isLabelcastError(error: unknown): error is LabelcastError {
  return error instanceof StageError;
}
