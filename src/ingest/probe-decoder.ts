import type { Decoder, FrameSource } from '../types.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { openFileSource } from './file-source.js';
import type { Hardware } from './hardware.js';
import { PROBE_INPUT } from './hardware-probe.js';
import type { LiveLocation } from './live-location.js';
import { hostClock, openLiveSource } from './live-source.js';
import type { SourceHeader } from './source-header.js';
import type { Source } from './sources.js';

/** What decodes a source; `note`: one line for people when that is not what was asked for. */
export interface UsedDecoder {
  readonly decoder: Decoder;
  readonly note: string | null;
}

interface Means {
  readonly build: FfmpegBuild;
  readonly hardware: Hardware;
}

/** Decodes the first picture of a file by a device, or in software where the device does not. */
export function probeFileDecoder(
  source: Source,
  header: SourceHeader,
  means: Means,
  signal: AbortSignal,
): Promise<UsedDecoder> {
  return takeOne(
    (onDecoder) =>
      openFileSource({ ...means, ...COMMON, source, header, gapToleranceMs: 0, resume: null, onDecoder }),
    signal,
  );
}

/** Connects to a live stream, likewise. Throws IngestError when it gives no picture within `timeoutMs`. */
export function probeLiveDecoder(
  { url, name }: LiveLocation,
  { timeoutMs, ...means }: Means & { readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<UsedDecoder> {
  return takeOne(
    (decoder) =>
      openLiveSource({
        ...means,
        ...COMMON,
        url,
        name,
        originMs: hostClock(),
        afterMs: null,
        listener: { decoder, connection() {}, decodeError() {} },
        failFast: true,
        giveUpAfterMs: timeoutMs,
      }),
    signal,
  );
}

const COMMON = { input: PROBE_INPUT, fps: 1, slots: 2 } as const;

async function takeOne(
  open: (onDecoder: (decoder: Decoder, note: string | null) => void) => FrameSource,
  signal: AbortSignal,
): Promise<UsedDecoder> {
  let used: UsedDecoder = { decoder: 'software', note: null };
  const frames = open((decoder, note) => void (used = { decoder, note })).frames(signal);
  try {
    const first = await frames.next();
    if (first.done !== true) first.value.pixels.release();
    return used;
  } finally {
    await frames.return(undefined as never);
  }
}
