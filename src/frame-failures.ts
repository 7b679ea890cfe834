import { type FrameFailure, InferError } from './errors.js';
import type { Log } from './log.js';

const AGAIN_AFTER_MS = 60_000;

/** Why a frame failed, as metrics and the log name it. */
export function toFrameFailure(error: Error): FrameFailure {
  return error instanceof InferError ? error.frameFailure : 'tagger';
}

interface Told {
  readonly atMs: number;
  /** Since then. */
  more: number;
}

/** Tells of one stream's frames that failed, whose stream goes on: each cause once, and again no sooner than a minute later. */
export class FrameFailures {
  readonly #stream: string;
  readonly #log: Pick<Log, 'warn'>;
  readonly #now: () => number;
  readonly #told = new Map<FrameFailure, Told>();

  constructor(stream: string, log: Pick<Log, 'warn'>, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#log = log;
    this.#now = now;
  }

  tell(error: Error): void {
    const reason = toFrameFailure(error);
    const told = this.#told.get(reason);
    if (told !== undefined && this.#now() - told.atMs < AGAIN_AFTER_MS) {
      told.more++;
      return;
    }
    this.#told.set(reason, { atMs: this.#now(), more: 0 });
    const more =
      told === undefined || told.more === 0 ? '' : ` (and ${told.more} more since it was said last)`;
    const remedy =
      error instanceof InferError && error.remedy !== undefined ? error.remedy : 'see `labelcast doctor`';
    this.#log.warn(
      { stream: this.#stream, cause: 'inference', reason },
      `a frame is left out: ${error.message}${more}; ${remedy}`,
    );
  }
}
