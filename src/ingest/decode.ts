import type { Frame, ModelInput } from '../types.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { type FfmpegExit, type FfmpegRun, openFfmpeg } from './ffmpeg-child.js';
import type { LogLine } from './ffmpeg-log.js';
import { toFilterGraph } from './filter-graph.js';
import { FrameLog } from './frame-log.js';
import { type Hardware, toHardwareOptions } from './hardware.js';
import { toInputOptions } from './input-options.js';
import { SKIP_OTHERS } from './key-frames.js';
import { type NutFrame, readNut } from './nut-demuxer.js';
import type { PixelPool } from './pixel-pool.js';
import { StderrListener } from './stderr-listener.js';

/** One run of ffmpeg over a file. */
export interface Decoding {
  readonly input: string;
  readonly build: FfmpegBuild;
  readonly model: ModelInput;
  /** Frames chosen per second of media. */
  readonly fps: number;
  /** Only key frames are chosen. */
  readonly keyframesOnly: boolean;
  /** The decoder skips all others, which not every file bears. */
  readonly isSkipping: boolean;
  /** Pictures per second in the file; null when unknown. */
  readonly sourceFps: number | null;
  readonly isToneMapped: boolean;
  /** Null: it is decoded in software. */
  readonly hardware: Hardware | null;
  readonly threads: number;
  /** Start at the last key frame at or before this media time; null: from the beginning. */
  readonly seekMs: number | null;
}

/** How a run ended. */
export interface DecodeEnd {
  readonly exit: FfmpegExit;
  /** Media time of the last frame; null when there was none. */
  readonly lastMs: number | null;
  /** The longest distance of two frames; null when there were fewer. */
  readonly longestMs: number | null;
  /** Where the clock jumped back to after the last frame; null when it did not. Nothing is read after a jump. */
  readonly jumpToMs: number | null;
  /** A connection broke and was not made again. */
  readonly isNetworkBroken: boolean;
  /** The demuxer's words when it called the file cut off. */
  readonly truncation: string | null;
  /** An error was reported after the last frame, or too shortly before it to tell. */
  readonly isDamagedAtEnd: boolean;
  /** The last lines of stderr. */
  readonly lines: readonly LogLine[];
}

// Pictures a decoder may hold back (H.264 allows 16), and queues between the threads of newer builds (three of 8).
const HELD_PICTURES = 16 + 24;

/** How many chosen frames later than its report an error may lie. */
export function toDamageReach(fps: number, sourceFps: number | null, threads: number): number {
  const ratio = sourceFps === null ? 1 : Math.min(1, fps / sourceFps);
  return Math.ceil((HELD_PICTURES + threads) * ratio);
}

/**
 * The chosen frames of a file in media order, and as return value how the run ended. Takes a slot of `pool` for each frame
 * and reads no further while there is none. Ends the child and waits for its end, whichever way this ends.
 */
export async function* decode(
  run: Decoding,
  pool: PixelPool,
  signal: AbortSignal,
): AsyncGenerator<Frame, DecodeEnd, void> {
  const log = new FrameLog(toDamageReach(run.fps, run.sourceFps, run.threads), 1500 / run.fps);
  const stderr = new StderrListener(log);
  const child = openFfmpeg(
    toRun(run, (line) => stderr.hear(line)),
    signal,
  );
  const exit = child.exit.finally(() => log.close());
  try {
    const frames = readNut(child.output, () => pool.take(signal));
    const { lastMs, longestMs, jumpToMs } = yield* report(frames, log, run.fps, signal);
    if (jumpToMs !== null) await child.close();
    const ended = jumpToMs === null ? await exit : CLOSED_BY_US;
    const { truncation, isNetworkBroken, lines } = stderr;
    const { isDamagedAtEnd } = log;
    return { exit: ended, lastMs, longestMs, jumpToMs, isNetworkBroken, truncation, isDamagedAtEnd, lines };
  } finally {
    await child.close();
  }
}

const CLOSED_BY_US: FfmpegExit = { code: 0, signal: null, spawnError: null };

type Reported = Pick<DecodeEnd, 'lastMs' | 'longestMs' | 'jumpToMs'>;

async function* report(
  frames: AsyncIterable<NutFrame>,
  log: FrameLog,
  fps: number,
  signal: AbortSignal,
): AsyncGenerator<Frame, Reported, void> {
  let lastMs: number | null = null;
  let longestMs: number | null = null;
  let lastSaid = Number.NEGATIVE_INFINITY;
  let isDamageDue = false;
  let isChoiceLost = false;
  for await (const { ptsUs, pixels } of frames) {
    const ptsMs = Math.round(ptsUs / 1000);
    const { damaged, isNearDamage, isNewGraph, saidSeconds } = await log.next(ptsMs);
    const isBack = saidSeconds !== null && isJumpBack(lastSaid, saidSeconds);
    if (isBack && !(isNearDamage && saidSeconds >= lastSaid - MOST_REORDERED_S)) {
      pixels.release();
      return { lastMs, longestMs, jumpToMs: Math.round(saidSeconds * 1000) };
    }
    if (!isBack) lastSaid = saidSeconds ?? lastSaid;
    isDamageDue ||= damaged || isBack;
    // New filters forget what they chose last and begin with whatever comes; those that saw a step back, likewise.
    isChoiceLost ||= isNewGraph || isBack;
    if (signal.aborted || isBack || (isChoiceLost && isSameCell(lastMs, ptsMs, fps))) {
      pixels.release();
      continue;
    }
    isChoiceLost = false;
    if (lastMs !== null) longestMs = Math.max(longestMs ?? 0, ptsMs - lastMs);
    lastMs = ptsMs;
    yield { ptsMs, damaged: isDamageDue, pixels };
    isDamageDue = false;
  }
  return { lastMs, longestMs, jumpToMs: null };
}

/** A picture that comes this late lost its place by damage before it: H.264 reorders up to 16, which is less at 25 a second. */
const MOST_REORDERED_S = 1;

/** showinfo rounds to six digits, so that late in a long file neighbours may read the same. */
function isJumpBack(before: number, after: number): boolean {
  return after < before - Math.max(0.02, Math.abs(before) * 1e-5);
}

function isSameCell(lastMs: number | null, ptsMs: number, fps: number): boolean {
  return lastMs !== null && Math.floor((lastMs * fps) / 1000) === Math.floor((ptsMs * fps) / 1000);
}

function toRun(run: Decoding, onLine: FfmpegRun['onLine']): FfmpegRun {
  const { build, input } = run;
  // Not accurate: frames before the time asked for are wanted, to see that the seek landed early enough.
  const seek = run.seekMs === null ? [] : ['-ss', (run.seekMs / 1000).toFixed(3), '-noaccurate_seek'];
  return {
    path: build.path,
    input,
    inputOptions: [
      ...words('-loglevel repeat+level+info -copyts -start_at_zero -filter_threads 1'),
      ...build.neverGiveUp,
      ...toInputOptions(input),
      '-threads',
      String(run.threads),
      ...(run.isSkipping ? SKIP_OTHERS : []),
      ...(run.hardware === null ? [] : toHardwareOptions(run.hardware)),
      ...seek,
    ],
    outputOptions: [
      ...words('-map 0:V:0 -map_metadata -1 -avoid_negative_ts disabled'),
      // Microseconds: the encoder's own choice, one tick a frame, would round the times of variable frame rates.
      ...words('-enc_time_base 1:1000000 -c:v rawvideo -threads 1 -pix_fmt rgb24'),
      ...build.passthrough,
      '-vf',
      toFilterGraph(run.model, run, run.isToneMapped),
      '-f',
      'nut',
    ],
    onLine,
  };
}

function words(text: string): string[] {
  return text.split(' ');
}
