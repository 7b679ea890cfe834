import { IngestError } from '../errors.js';
import type { Decoder } from '../types.js';
import { Alarm } from './alarm.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { type FfmpegExit, openFfmpeg } from './ffmpeg-child.js';
import { type LogLine, readLogLine } from './ffmpeg-log.js';
import { readHeaderText, type VideoTrack } from './header-text.js';
import type { Hardware } from './hardware.js';
import type { LiveLocation } from './live-location.js';
import { toLiveInputOptions } from './live-options.js';
import { toLiveProblem } from './live-problem.js';
import { probeFileDecoder, probeLiveDecoder, type UsedDecoder } from './probe-decoder.js';
import { readHeader, toHdrWarning } from './source-header.js';
import type { Source } from './sources.js';

/** What opening a source once has shown. */
export interface ProbeResult {
  /** Without credentials. */
  readonly name: string;
  readonly kind: 'live' | 'file';
  readonly format: string;
  readonly video: VideoTrack;
  /** Null when it has no end, or does not know it. */
  readonly durationMs: number | null;
  /** From the start of ffmpeg to the first decoded picture. */
  readonly firstFrameAfterMs: number;
  /** One line for people when it will be tagged with a loss, else null. */
  readonly warning: string | null;
  /** What decodes it here. */
  readonly decoder: Decoder;
  /** One line for people when that is not the hardware that was asked for, else null. */
  readonly decoderNote: string | null;
}

/** What sources are opened with. */
export interface ProbeMeans {
  readonly build: FfmpegBuild;
  /** Null: software decodes. */
  readonly hardware: Hardware | null;
}

/** Opens a file and decodes its first picture. Throws IngestError with the cause. */
export async function probeFile(
  source: Source,
  { build, hardware }: ProbeMeans,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const startMs = performance.now();
  const header = await readHeader(source, build, signal);
  const { format, video, durationMs, warning } = header;
  const name = source.names[0] ?? source.sourceUri;
  const firstFrameAfterMs = Math.round(performance.now() - startMs);
  const used =
    hardware === null ? IN_SOFTWARE : await probeFileDecoder(source, header, { build, hardware }, signal);
  return { name, kind: 'file', format, video, durationMs, firstFrameAfterMs, warning, ...toDecoder(used) };
}

/**
 * Connects to a live stream once and decodes its first picture, waiting at most `timeoutMs` for it. Throws IngestError with
 * the cause; rejects with the signal's reason when aborted. The ffmpeg child is gone then.
 */
export async function probeLive(
  location: LiveLocation,
  { build, hardware, timeoutMs }: ProbeMeans & { readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  const alarm = new Alarm(timeoutMs, signal);
  const { name, url } = location;
  try {
    const { lines, exit, firstFrameAfterMs } = await decodeFirst(url, { build, timeoutMs }, alarm.signal);
    signal.throwIfAborted();
    const text = readHeaderText(lines);
    if (text !== null && text.video !== null && firstFrameAfterMs !== null) {
      const { format, video } = text;
      const warning = video.isHdr && !build.canToneMap ? toHdrWarning(name) : null;
      const means = { build, timeoutMs };
      const used =
        hardware === null ? IN_SOFTWARE : await probeLiveDecoder(location, { ...means, hardware }, signal);
      return {
        name,
        kind: 'live',
        format,
        video,
        durationMs: null,
        firstFrameAfterMs,
        warning,
        ...toDecoder(used),
      };
    }
    const heard = text === null || text.video !== null ? lines : [...lines, NO_VIDEO];
    const end = { exit, isOpened: text !== null, lines: heard };
    throw toLiveProblem({ name, end, hadPicture: false, silentMs: alarm.hasRung ? timeoutMs : null });
  } finally {
    alarm.stop();
  }
}

const IN_SOFTWARE: UsedDecoder = { decoder: 'software', note: null };

function toDecoder({ decoder, note }: UsedDecoder): Pick<ProbeResult, 'decoder' | 'decoderNote'> {
  return { decoder, decoderNote: note };
}

// Older builds fail on a stream without video with words of their own.
const NO_VIDEO: LogLine = { level: 'error', context: '', text: 'Stream map matches no streams' };
const MAX_LINES = 500;

async function decodeFirst(
  url: string,
  { build, timeoutMs }: { build: FfmpegBuild; timeoutMs: number },
  signal: AbortSignal,
): Promise<{ lines: LogLine[]; exit: FfmpegExit; firstFrameAfterMs: number | null }> {
  const startMs = performance.now();
  const lines: LogLine[] = [];
  let firstFrameAfterMs: number | null = null;
  const child = openFfmpeg(
    {
      path: build.path,
      input: url,
      inputOptions: [
        '-loglevel',
        'repeat+level+info',
        '-threads',
        '1',
        ...toLiveInputOptions(url, build, timeoutMs + 2000),
      ],
      outputOptions: ['-map', '0:V:0', '-frames:v', '1', '-vf', 'showinfo=checksum=0', '-f', 'null'],
      onLine: (line) => {
        if (/showinfo.* n: *\d/.test(line)) firstFrameAfterMs ??= Math.round(performance.now() - startMs);
        if (lines.length < MAX_LINES) lines.push(readLogLine(line));
      },
      killAfterMs: 1000,
    },
    signal,
  );
  const exit = await child.exit;
  return { lines, exit, firstFrameAfterMs };
}

/** The error for an argument that stands for several sources or none. */
export function refuseProbe(name: string, found: number): IngestError {
  const remedy = 'Name one file or one URL.';
  return new IngestError('unsupported', `${name} stands for ${found} sources`, { remedy });
}
