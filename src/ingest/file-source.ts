import { IngestError } from '../errors.js';
import type { DecoderListener, Frame, FrameSource, ModelInput, SourceEnd } from '../types.js';
import { decode, type DecodeEnd, type Decoding, toDamageReach } from './decode.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { toIngestError } from './ffmpeg-log.js';
import { isFragmentedMp4 } from './fragmented-mp4.js';
import type { Hardware } from './hardware.js';
import { decodeOnDevice } from './hardware-file.js';
import { isUrl } from './input-options.js';
import { canSkipOthers } from './key-frames.js';
import { PixelPool } from './pixel-pool.js';
import { type ResumePoint, resumeAfter } from './resume.js';
import type { SourceHeader } from './source-header.js';
import type { Source } from './sources.js';

export interface FileSourceOptions {
  readonly source: Source;
  readonly header: SourceHeader;
  readonly build: FfmpegBuild;
  readonly input: ModelInput;
  /** Frames chosen per second of media. */
  readonly fps: number;
  /** Only key frames are chosen, of which some are further apart than others. */
  readonly keyframesOnly?: boolean;
  /** Frames in memory at most; the source waits until one is released. */
  readonly slots: number;
  /** A file whose data end earlier than this before its stated duration is called corrupt. */
  readonly gapToleranceMs: number;
  /** Go on after this frame; null: from the beginning. */
  readonly resume: ResumePoint | null;
  /** Threads of the decoder; default 1, since decoders share few cores with inference. */
  readonly decodeThreads?: number;
  /** Decodes it as long as it does so without a fault; default: software. */
  readonly hardware?: Hardware | null;
  readonly onDecoder?: DecoderListener;
}

/**
 * The frames of a file. Nothing is dropped: it waits for the consumer and for free slots. Frames after a resume point are those
 * of an undisturbed run, times and pixels; but where software takes over from hardware, which is told, pixels differ a little.
 * Aborting ends it without an error; a file of which nothing can be decoded throws
 * IngestError. The ffmpeg child is gone when the generator has ended.
 */
export function openFileSource(options: FileSourceOptions): FrameSource {
  return { frames: (signal) => readFrames(options, signal) };
}

async function* readFrames(
  options: FileSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<Frame, SourceEnd, void> {
  const { source, header, build, input, fps, keyframesOnly = false, resume } = options;
  const { decodeThreads: threads = 1 } = options;
  const pool = new PixelPool(options.slots, input.width * input.height * 3);
  const isToneMapped = header.video.isHdr && build.canToneMap;
  const run = {
    input: source.input,
    build,
    model: input,
    fps,
    keyframesOnly,
    isSkipping: keyframesOnly && (await canSkipOthers(source.input, build, signal)),
    // any number of key frames lies in a second
    sourceFps: keyframesOnly ? null : header.video.fps,
    isToneMapped,
    threads,
  };
  const open = (
    after: ResumePoint | null,
    hardware: Hardware | null,
  ): AsyncGenerator<Frame, DecodeEnd, void> => {
    const seek = (seekMs: number | null) =>
      decode({ ...run, hardware, seekMs } satisfies Decoding, pool, signal);
    return after === null ? seek(null) : resumeAfter(after, backMs, seek, signal);
  };
  // Two cells back so that the grid of chosen frames is met again, and as many as an error may be told too early.
  // How long as many key frames last is not known, and all of them are decoded quickly.
  const backMs = keyframesOnly ? null : ((2 + toDamageReach(fps, run.sourceFps, threads)) * 1000) / fps;
  const isWithoutIndex =
    header.format.startsWith('mov') && (await isFragmentedMp4(toLocalPath(source.input)));
  const { hardware, note } = chooseDecoder(options, isToneMapped);
  options.onDecoder?.(hardware?.name ?? 'software', note);
  const frames =
    hardware === null
      ? open(resume, null)
      : decodeOnDevice(
          {
            name: hardware.name,
            resume,
            onDevice: open(resume, hardware),
            openSoftware: (after) => open(after, null),
            isWhole: (end) => isWhole(options, end),
            onFault: ({ what }) =>
              options.onDecoder?.(
                'software',
                `${toName(source)} is decoded in software (${hardware.name}: ${what})`,
              ),
          },
          signal,
        );
  const end = yield* frames;
  if (signal.aborted) return { durationMs: header.durationMs, cause: null };
  return toSourceEnd(options, end, isWithoutIndex);
}

/** Whether a run on a device ended where the file does, to two frames. Where it may have ended before, software is to see what is left. */
function isWhole({ header, fps }: FileSourceOptions, end: DecodeEnd): boolean {
  const { exit, lastMs, longestMs, jumpToMs, truncation, isDamagedAtEnd, isNetworkBroken } = end;
  if (exit.code !== 0 || lastMs === null || jumpToMs !== null || truncation !== null) return false;
  if (isDamagedAtEnd || isNetworkBroken || header.durationMs === null) return false;
  const stepMs = Math.max(1000 / Math.min(fps, header.video.fps ?? fps), longestMs ?? 0);
  return header.durationMs - lastMs <= 2 * stepMs;
}

/** Frames on a device are neither turned nor tone-mapped. */
function chooseDecoder(
  { source, header, hardware = null }: FileSourceOptions,
  isToneMapped: boolean,
): { readonly hardware: Hardware | null; readonly note: string | null } {
  if (hardware === null) return { hardware: null, note: null };
  const { rotation } = header.video;
  if (rotation === 0 && !isToneMapped) return { hardware, note: null };
  const why = isToneMapped ? 'it is HDR, and software alone maps its tones' : `it is turned by ${rotation}°`;
  return { hardware: null, note: `${toName(source)} is decoded in software (${why})` };
}

function toName({ names, sourceUri }: Source): string {
  return names[0] ?? sourceUri;
}

function toLocalPath(input: string): string {
  return input.replace(/^file:/, '');
}

function toSourceEnd(options: FileSourceOptions, end: DecodeEnd, isWithoutIndex: boolean): SourceEnd {
  const { source, header, resume } = options;
  const name = toName(source);
  const lastMs = end.lastMs ?? resume?.lastMs ?? null;
  const problem = lastMs === null ? 'holds no picture' : whyCorrupt(options, end, { lastMs, isWithoutIndex });
  refuseForeignFailure(options, end, problem);
  if (lastMs === null) throw toIngestError(name, end.lines);
  // A video that outlasts its stated duration shows that the statement is wrong.
  const durationMs = header.durationMs !== null && header.durationMs > lastMs ? header.durationMs : null;
  if (problem === null) return { durationMs, cause: null };
  return { durationMs, cause: 'corrupt', message: `${name} ${problem}` };
}

// What befell ffmpeg or the network says nothing about the file: such a run can be continued.
function refuseForeignFailure(options: FileSourceOptions, end: DecodeEnd, problem: string | null): void {
  const { source, build } = options;
  const { exit, lines, isNetworkBroken, jumpToMs } = end;
  const name = toName(source);
  if (jumpToMs !== null) return; // ended by us
  const killer = exit.signal ?? toSignalSaid(lines);
  if (exit.spawnError !== null || killer !== null) {
    const how = killer === null ? 'could not be started' : `was ended by ${killer}`;
    const remedy = 'Run it again to go on from there; if it was the memory, tag fewer files at once.';
    const cause = exit.spawnError;
    throw new IngestError('decode', `ffmpeg ${how} while it decoded ${name}`, {
      remedy,
      retryable: true,
      cause,
    });
  }
  // a connection that broke and was made again has done no harm
  if (problem === null || !isUrl(source.input)) return;
  if (isNetworkBroken) {
    const remedy = 'Check the connection and run it again to go on from there.';
    throw new IngestError('timeout', `The connection broke while reading ${name}`, {
      remedy,
      retryable: true,
    });
  }
  if (!build.tellsLostConnections) {
    const remedy = 'Run it again to go on from there, or use an ffmpeg that can tell (5.1 or later).';
    const message = `${name} ${problem}, or the connection broke there`;
    throw new IngestError('timeout', message, { remedy, retryable: true });
  }
}

/** ffmpeg catches what asks it to end, and then ends by itself. */
function toSignalSaid(lines: DecodeEnd['lines']): string | null {
  for (const { text } of lines) {
    const number = /received signal (\d+)/.exec(text)?.[1];
    if (number !== undefined) return `signal ${number}`;
  }
  return null;
}

function whyCorrupt(
  options: FileSourceOptions,
  end: DecodeEnd,
  { lastMs, isWithoutIndex }: { lastMs: number; isWithoutIndex: boolean },
): string | null {
  const { header, fps } = options;
  if (end.jumpToMs !== null) {
    const jump = `from ${toSeconds(lastMs)} to ${toSeconds(end.jumpToMs)}`;
    return `has a clock that jumps back ${jump}; what follows was not tagged: cut the file there`;
  }
  const reached = `its pictures end at ${toSeconds(lastMs)}`;
  if (end.truncation !== null) return `is cut off (${end.truncation}); ${reached}`;
  if (end.exit.code !== 0) return `cannot be decoded to its end; ${reached}`;
  if (header.durationMs === null) return null;
  const endMs = lastMs + 1000 / Math.min(fps, header.video.fps ?? fps);
  if (header.durationMs - endMs <= toTolerance(options, end)) return null;
  // These two hold an index of all pictures and say when some are missing; in them a long last picture or sound that
  // outlasts the pictures is no loss.
  if (/^(?:mov|matroska)/.test(header.format) && !isWithoutIndex && !end.isDamagedAtEnd) return null;
  return `should last ${toSeconds(header.durationMs)} but ${reached}`;
}

/** Of key frames, the last may be as far from the end as any two are from each other; of a single one nothing is known. */
function toTolerance({ keyframesOnly, gapToleranceMs }: FileSourceOptions, { longestMs }: DecodeEnd): number {
  if (keyframesOnly !== true) return gapToleranceMs;
  return Math.max(gapToleranceMs, 3 * (longestMs ?? Number.POSITIVE_INFINITY));
}

function toSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
