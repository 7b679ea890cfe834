import { IngestError } from '../errors.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { openFfmpeg } from './ffmpeg-child.js';
import { type LogLine, readLogLine, toIngestError } from './ffmpeg-log.js';
import { sendsRanges } from './http-identity.js';
import { type HeaderText, isHdrTrack, readHeaderText, type VideoTrack } from './header-text.js';
import { isUrl, toInputOptions } from './input-options.js';
import type { Source } from './sources.js';

/** What a source says of itself before it is tagged. */
export interface SourceHeader extends HeaderText {
  readonly video: VideoTrack;
  /** One line for people when the source will be tagged with a loss (HDR without tone mapping), else null. */
  readonly warning: string | null;
}

const MAX_LINES = 500;
/** The header is told at this level, and after any number of complaints. */
const MAX_INFO_LINES = 5000;

/**
 * Opens a source and decodes its first picture. Throws IngestError when it is no video, has no index, holds nothing that can
 * be decoded, or is a live stream; rejects with the signal's reason when aborted.
 */
export async function readHeader(
  source: Source,
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<SourceHeader> {
  const lines: LogLine[] = [];
  let frames = 0;
  const decoded: Partial<VideoTrack> = {};
  let infos = 0;
  let others = 0;
  const child = openFfmpeg(
    {
      path: build.path,
      inputOptions: ['-loglevel', 'repeat+level+info', ...toInputOptions(source.input), '-threads', '1'],
      input: source.input,
      outputOptions: ['-map', '0:V:0', '-frames:v', '1', '-vf', 'showinfo=checksum=0', '-f', 'null'],
      onLine: (line) => {
        if (/showinfo.* n: *\d/.test(line)) frames += 1;
        if (frames === 1) Object.assign(decoded, toDecoded(line));
        const read = readLogLine(line);
        const isInfo = read.level === 'info';
        if (isInfo ? infos++ < MAX_INFO_LINES : others++ < MAX_LINES) lines.push(read);
      },
    },
    signal,
  );
  const exit = await child.exit; // after an abort too: then the child is gone
  signal.throwIfAborted();
  if (exit.spawnError !== null) throw cannotRun(build, exit.spawnError);
  const text = readHeaderText(lines);
  const name = source.names[0] ?? source.sourceUri;
  if (text === null || frames === 0) {
    throw await toOpenError(source, { lines: withoutVideo(lines, text), text }, signal);
  }
  if (text.video === null) throw toIngestError(name, lines);
  // a recording that starts between two key frames tells its size and colours no earlier than the first picture does
  const video = text.video.width > 0 ? text.video : { ...text.video, ...decoded };
  if (isUrl(source.input) && text.durationMs === null) {
    throw await withoutDuration(source, signal);
  }
  return { ...text, video, warning: toWarning(name, video, build) };
}

function toDecoded(line: string): Partial<VideoTrack> {
  if (/showinfo.* color_trc:/.test(line)) return { isHdr: isHdrTrack(line) };
  const picture = /showinfo.* fmt:(\w+).* s:(\d+)x(\d+)/.exec(line);
  if (picture === null) return {};
  return { pixelFormat: picture[1]!, width: Number(picture[2]), height: Number(picture[3]) };
}

// ffmpeg has no clear word for an index that it cannot reach.
async function toOpenError(
  source: Source,
  { lines, text }: { readonly lines: readonly LogLine[]; readonly text: HeaderText | null },
  signal: AbortSignal,
): Promise<IngestError> {
  const name = source.names[0] ?? source.sourceUri;
  const error = toIngestError(name, lines);
  const mayLackIndex =
    isUrl(source.input) && text?.format.startsWith('mov') && error.streamCause === 'decode';
  if (mayLackIndex !== true || (await sendsRanges(source.input, signal))) return error;
  const remedy = `${FETCH}, or put its index first: ffmpeg -i FILE -c copy -movflags +faststart NEW.mp4`;
  return new IngestError('unsupported', `${name} has its index at its end, and its server sends no ranges`, {
    remedy,
  });
}

const FETCH = 'Fetch the file and tag it from disk';

// Older builds fail on what the mapping leaves out with words of their own.
function withoutVideo(lines: readonly LogLine[], text: HeaderText | null): readonly LogLine[] {
  if (text === null || text.video !== null) return lines;
  return [...lines, { level: 'error', context: '', text: 'Stream map matches no streams' }];
}

function toWarning(name: string, video: VideoTrack, build: FfmpegBuild): string | null {
  return video.isHdr && !build.canToneMap ? toHdrWarning(name) : null;
}

/** One line for people on an HDR source whose tones this ffmpeg cannot map. */
export function toHdrWarning(name: string): string {
  return (
    `${name} is HDR and this ffmpeg cannot map its tones, so that its labels are less sure; ` +
    'use an ffmpeg with the filters zscale and tonemap (ffmpeg.path or FFMPEG_PATH)'
  );
}

function cannotRun(build: FfmpegBuild, cause: Error): IngestError {
  const remedy = 'Check that ffmpeg is still there and may be run; labelcast doctor looks for it.';
  return new IngestError('decode', `${build.path} cannot be started`, { remedy, cause });
}

async function withoutDuration(
  { input, identity, names, sourceUri }: Source,
  signal: AbortSignal,
): Promise<IngestError> {
  const name = names[0] ?? sourceUri;
  if (identity === null || (await sendsRanges(input, signal))) {
    const remedy = 'Watch it as a live source with --live.';
    return new IngestError('unsupported', `${name} has no end`, { remedy });
  }
  const message = `${name} does not state its duration, and its server sends no ranges to find it`;
  return new IngestError('unsupported', message, {
    remedy: `${FETCH}; or watch it with --live if it has no end.`,
  });
}
