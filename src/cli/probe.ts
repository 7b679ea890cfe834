import type { Config } from '../config/config.js';
import { IngestError, type StreamCause } from '../errors.js';
import { findFfmpeg } from '../ingest/ffmpeg-build.js';
import { isLiveUrl, readLiveUrl } from '../ingest/live-location.js';
import { chooseHardware, toSoftwareNote } from '../ingest/hardware-choice.js';
import { type ProbeMeans, type ProbeResult, probeFile, probeLive, refuseProbe } from '../ingest/probe.js';
import { resolveSources } from '../ingest/sources.js';
import { redactUrl } from '../redact.js';
import { toMessage, toPrintable } from './messages.js';

/** The flags of `labelcast probe`. */
export interface ProbeFlags {
  readonly json?: boolean;
  /** The source is live, whatever its scheme says. */
  readonly live?: boolean;
  /** Seconds to wait for the first frame of a live source. */
  readonly timeout: number;
}

/** Opens a source once and prints what it is, or why it cannot be read; resolves to the exit status. */
export async function probe(
  arg: string,
  flags: ProbeFlags,
  { config, out, signal }: { config: Config; out: NodeJS.WritableStream; signal: AbortSignal },
): Promise<number> {
  try {
    const build = await findFfmpeg(config.ffmpeg.path ?? null, process.env);
    const choice = await chooseHardware(config.decoding, build);
    const { hardware } = choice;
    const found = await read(arg, flags, { build, hardware }, signal);
    const isVain = hardware === null && choice.refused.length > 0;
    const result = isVain ? { ...found, decoderNote: toSoftwareNote(choice) } : found;
    out.write(flags.json ? `${JSON.stringify(result)}\n` : toText(result));
    return 0;
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    out.write(
      flags.json
        ? `${JSON.stringify(toFailure(arg, error))}\n`
        : `${error.streamCause}: ${toMessage(error)}\n`,
    );
    return 1;
  }
}

async function read(
  arg: string,
  flags: ProbeFlags,
  means: ProbeMeans,
  signal: AbortSignal,
): Promise<ProbeResult> {
  if (isLiveUrl(arg) || flags.live) {
    return probeLive(readLiveUrl(arg), { ...means, timeoutMs: flags.timeout * 1000 }, signal);
  }
  const { sources, failures } = await resolveSources([arg], process.cwd());
  if (failures[0] !== undefined) throw failures[0].error;
  const [source] = sources;
  if (source === undefined || sources.length > 1) throw refuseProbe(redactUrl(arg), sources.length);
  return probeFile(source, means, signal);
}

function toText({ name, kind, format, video, durationMs, firstFrameAfterMs, ...told }: ProbeResult): string {
  const { warning, decoder, decoderNote } = told;
  const rows = [
    ['source', toPrintable(name)],
    [
      'kind',
      kind === 'live'
        ? 'live'
        : `file, ${durationMs === null ? 'of unknown length' : `${durationMs / 1000} s`}`,
    ],
    ['format', format],
    ['codec', video.codec],
    ['size', `${video.width}x${video.height}${video.rotation === 0 ? '' : `, turned by ${video.rotation}°`}`],
    ['rate', video.fps === null ? 'not stated' : `${video.fps} fps`],
    ['pixels', `${video.pixelFormat}${video.isHdr ? ', HDR' : ''}`],
    ['first frame', `after ${(firstFrameAfterMs / 1000).toFixed(2)} s`],
    ['decoder', `${decoder}${decoderNote === null ? '' : ` (${toPrintable(decoderNote)})`}`],
    ...(warning === null ? [] : [['warning', toPrintable(warning)]]),
  ];
  return rows.map(([key, value]) => `${key!.padEnd(12)} ${value}\n`).join('');
}

function toFailure(
  arg: string,
  error: IngestError,
): { name: string; cause: StreamCause; message: string; remedy: string | null } {
  return {
    name: redactUrl(arg),
    cause: error.streamCause,
    message: error.message,
    remedy: error.remedy ?? null,
  };
}
