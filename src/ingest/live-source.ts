import { setTimeout as wait } from 'node:timers/promises';
import { IngestError } from '../errors.js';
import type { Frame, FrameSource, LiveListener, ModelInput, SourceEnd } from '../types.js';
import { Alarm } from './alarm.js';
import { BackOff } from './back-off.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import type { Hardware } from './hardware.js';
import { decodeLive, type LiveEnd } from './live-decode.js';
import { LiveDecoder } from './live-decoder.js';
import { isLasting, toLiveProblem } from './live-problem.js';
import { LiveTimeline } from './live-timeline.js';
import { toOrderWarning } from './picture-order.js';
import { PixelPool } from './pixel-pool.js';
import { toHdrWarning } from './source-header.js';

export interface LiveSourceOptions {
  /** May hold credentials. */
  readonly url: string;
  /** As people know it, without credentials. */
  readonly name: string;
  readonly build: FfmpegBuild;
  readonly input: ModelInput;
  /** Frames chosen per second of media. */
  readonly fps: number;
  /** Only key frames are chosen. */
  readonly keyframesOnly?: boolean;
  /** Frames in memory at most; without a free one a picture is dropped. */
  readonly slots: number;
  /** UTC of media time 0, milliseconds since 1970. */
  readonly originMs: number;
  /** All frames lie after this media time; null: no bound. */
  readonly afterMs: number | null;
  /** Decodes it, unless it gives no picture; default: software. */
  readonly hardware?: Hardware | null;
  readonly listener: LiveListener;
  /** What trying again cannot mend before the first frame (`auth`, `not-found`, `unsupported`) is thrown. */
  readonly failFast: boolean;
  /** Time without a frame after which the last problem is thrown; null: never. */
  readonly giveUpAfterMs: number | null;
  /** Time without a frame after which a connection is given up; default 8000, more at few frames per second, 60000 of key frames. */
  readonly stallAfterMs?: number;
  /** The host's clock, milliseconds since 1970; default one that never steps back. */
  readonly now?: () => number;
}

const STALL_AFTER_MS = 8000;
/** A connection made for other filters may come right after a key frame, and has to wait for the next. */
const KEY_FRAME_MS = 30_000;
/** Where only key frames are chosen, others may come for long; ffmpeg itself tells when nothing comes at all. */
const KEY_FRAMES_STALL_AFTER_MS = 60_000;
const CANCELLED: SourceEnd = { durationMs: null, cause: null };

/**
 * The frames of a live source, whose connection is made again whenever it is lost, until aborted. Reads on while the consumer
 * is busy, so nothing but frames is lost then. Throws IngestError as `failFast` and `giveUpAfterMs` say. The ffmpeg child is
 * gone when the generator has ended.
 */
export function openLiveSource(options: LiveSourceOptions): FrameSource {
  return { frames: (signal) => new LiveReader(options).read(signal) };
}

/**
 * The host's clock, milliseconds since 1970, that never steps: set anew, it would look like blindness. Whatever compares
 * itself with the times of live frames reads this one.
 */
export function hostClock(): number {
  return performance.timeOrigin + performance.now();
}

/** How a connection ended; `isCut`: patience ended while it was still being made. */
interface Attempt {
  readonly problem: IngestError;
  readonly frames: number;
  readonly isCut: boolean;
}

class LiveReader {
  readonly #options: LiveSourceOptions;
  readonly #pool: PixelPool;
  readonly #timeline: LiveTimeline;
  readonly #decoder: LiveDecoder;
  readonly #stallAfterMs: number;
  readonly #silentMs: number;
  #hadFrame = false;
  /** The listener believes so. */
  #isOnline = false;
  /** As the last picture that was seen needs it. */
  #isToneMapped = false;
  #isWarned = false;
  /** Decoders skip all but key frames. */
  #isSkipping: boolean;

  constructor(options: LiveSourceOptions) {
    const { input, fps, keyframesOnly = false, slots, stallAfterMs = STALL_AFTER_MS } = options;
    this.#options = options;
    this.#pool = new PixelPool(slots, input.width * input.height * 3);
    this.#timeline = new LiveTimeline(options);
    this.#decoder = new LiveDecoder(options.name, options.hardware ?? null, options.listener.decoder);
    const leastMs = keyframesOnly ? KEY_FRAMES_STALL_AFTER_MS : 0;
    this.#stallAfterMs = Math.max(stallAfterMs, leastMs, 3000 / fps + 2000);
    this.#silentMs = (keyframesOnly ? stallAfterMs : this.#stallAfterMs) + 4000;
    this.#isSkipping = keyframesOnly;
  }

  async *read(signal: AbortSignal): AsyncGenerator<Frame, SourceEnd, void> {
    const { listener, giveUpAfterMs } = this.#options;
    const backOff = new BackOff();
    const patience = new Alarm(giveUpAfterMs, signal);
    let before: IngestError | null = null;
    let corrections = 0;
    try {
      listener.connection('connecting');
      for (;;) {
        // software gets the time that the device had, or a late stream would be taken for a broken device
        const isCorrection = corrections > 0 && !this.#decoder.isTrying;
        const attempt = yield* this.#connect(patience, isCorrection);
        if (signal.aborted) return CANCELLED;
        if (attempt === null) {
          corrections += 1;
          // at once, but not again and again should a stream change with each connection
          if (corrections > 1)
            await wait(backOff.next(false), null, { signal: patience.signal }).catch(() => null);
          continue;
        }
        corrections = 0;
        const { problem: found, frames, isCut } = attempt;
        // an attempt that had no time to fail says less than the one before
        const problem: IngestError = isCut && before !== null ? before : found;
        before = problem;
        const { streamCause: cause, message, remedy } = problem;
        this.#isOnline = false;
        listener.connection('offline', { cause, message, remedy });
        if (patience.hasRung) throw this.#givenUp(problem);
        const isVain = isLasting(problem.streamCause);
        if (isVain && this.#options.failFast && !this.#hadFrame) throw problem;
        if (frames > 0) backOff.reset();
        await wait(backOff.next(isVain), null, { signal: patience.signal }).catch(() => null);
        if (signal.aborted) return CANCELLED;
        if (patience.hasRung) throw this.#givenUp(problem);
        listener.connection('connecting');
      }
    } finally {
      patience.stop();
    }
  }

  // One connection from its start to its loss; null when another is needed for other filters.
  async *#connect(patience: Alarm, isCorrection: boolean): AsyncGenerator<Frame, Attempt | null, void> {
    const { url, build, input: model, fps, keyframesOnly = false, listener, now = hostClock } = this.#options;
    const firstMs = isCorrection ? Math.max(KEY_FRAME_MS, this.#stallAfterMs) : this.#stallAfterMs;
    const stall = new Alarm(this.#stallAfterMs, patience.signal, firstMs);
    const hardware = this.#decoder.next(this.#isToneMapped);
    let frames = 0;
    this.#timeline.reconnect();
    const pictures = decodeLive(
      {
        url,
        build,
        model,
        fps,
        keyframesOnly,
        isSkipping: this.#isSkipping,
        hardware,
        isToneMapped: this.#isToneMapped,
        now,
        pool: this.#pool,
        silentMs: this.#silentMs,
        stallAfterMs: this.#stallAfterMs,
        onProgress: (isPicture) => {
          if (isPicture || !isCorrection) stall.postpone();
          if (isPicture) patience.postpone();
        },
        onHdr: () => this.#warnOfHdr(),
        onDamage: () => listener.decodeError(),
        onDrop: () => listener.dropped?.(),
      },
      stall.signal,
    );
    try {
      let end: LiveEnd;
      for (;;) {
        const next = await pictures.next();
        if (next.done === true) {
          end = next.value;
          break;
        }
        const { ptsMs, arrivalMs, isAnew, damaged, pixels } = next.value;
        if (!this.#isOnline) listener.connection('online');
        this.#isOnline = true;
        if (frames === 0) this.#decoder.gavePicture(hardware, this.#isToneMapped);
        frames += 1;
        this.#hadFrame = true;
        if (isAnew) this.#timeline.reconnect();
        yield { ptsMs: this.#timeline.place(ptsMs, arrivalMs), damaged, pixels };
      }
      if (end.isOutOfOrder) {
        this.#isSkipping = false;
        listener.warned?.(toOrderWarning(this.#options.name));
        return null;
      }
      if (end.isMistaken) {
        this.#isToneMapped = !this.#isToneMapped;
        return null;
      }
      const isOver = patience.hasRung || patience.signal.aborted;
      if (frames === 0 && !isOver && this.#decoder.mayBeAtFault(hardware, end, stall.hasRung)) return null;
      const stallMs = frames > 0 ? this.#stallAfterMs : firstMs;
      const silentMs = stall.hasRung ? stallMs : patience.hasRung ? this.#options.giveUpAfterMs : null;
      const problem = this.#toProblem(end, { isCorrection, frames, silentMs });
      const isCut = patience.hasRung && !stall.hasRung && !end.isOpened && problem.streamCause === 'timeout';
      return { problem, frames, isCut };
    } finally {
      stall.stop();
      await pictures.return({} as LiveEnd);
    }
  }

  #toProblem(
    end: LiveEnd,
    known: { readonly isCorrection: boolean; readonly frames: number; readonly silentMs: number | null },
  ): IngestError {
    const { isCorrection, frames, silentMs } = known;
    const hadPicture = frames > 0;
    // It has just answered, and what it sends before a key frame cannot be decoded.
    const isWaiting = isCorrection && !hadPicture && silentMs !== null;
    const seen = isWaiting ? { ...end, isOpened: true, lines: [] } : end;
    return toLiveProblem({ name: this.#options.name, end: seen, hadPicture, silentMs });
  }

  #warnOfHdr(): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#options.listener.warned?.(toHdrWarning(this.#options.name));
  }

  #givenUp(problem: IngestError): IngestError {
    const seconds = Math.round((this.#options.giveUpAfterMs ?? 0) / 1000);
    return new IngestError(
      problem.streamCause,
      `${problem.message}; given up after ${seconds} s without a picture`,
      {
        remedy: problem.remedy ?? 'Check the camera.',
        retryable: true,
      },
    );
  }
}
