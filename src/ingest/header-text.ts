import type { LogLine } from './ffmpeg-log.js';

/** The video track that is decoded. */
export interface VideoTrack {
  readonly codec: string;
  /** Stored size, before rotation. */
  readonly width: number;
  readonly height: number;
  /** Average rate; null when the container does not know. */
  readonly fps: number | null;
  /** Degrees clockwise by which a player turns the picture: 0, 90, 180 or 270. */
  readonly rotation: number;
  readonly pixelFormat: string;
  /** Colour curve is PQ or HLG. */
  readonly isHdr: boolean;
}

/** What ffmpeg prints about an input before it decodes it. */
export interface HeaderText {
  /** Demuxer, as ffmpeg names it: `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  readonly durationMs: number | null;
  /** The container's first time stamp; media time 0. */
  readonly startMs: number;
  /** The first video track that is no cover picture; null when there is none. */
  readonly video: VideoTrack | null;
  readonly createdAt: Date | null;
}

const INPUT = /^Input #0, (.+), from '/;
const DURATION = /^\s+Duration: (N\/A|[\d:.]+)(?:, start: (-?[\d.]+))?/;
const CREATED = /^\s+creation_time\s*: (\S.*)$/;
const STREAM = /^\s+Stream #0:(\d+).*?: (Video|Audio|Subtitle|Data|Attachment): (.*)$/;
const TURN = /rotation of (-?[\d.]+) degrees/;
const NO_VIDEO = /matches no streams/;
const MAPPED = /^\s+Stream #0:(\d+) -> #0:0 /;
const END_OF_INPUT = /^(?:Stream mapping:|Output #0)/;

/** Reads ffmpeg's description of its first input; null when it did not get so far. */
export function readHeaderText(lines: readonly LogLine[]): HeaderText | null {
  const texts = lines.filter((line) => line.level === 'info').map((line) => line.text);
  const from = texts.findIndex((text) => INPUT.test(text));
  if (from === -1) return null;
  const end = texts.findIndex((text) => END_OF_INPUT.test(text));
  const input = texts.slice(from, end < from ? undefined : end);
  const format = INPUT.exec(input[0] ?? '')?.[1] ?? '';
  const time = firstMatch(input, DURATION);
  const startMs = Math.round(Number(time?.[2] ?? 0) * 1000);
  return {
    format,
    durationMs: time === null ? null : toDurationMs(time[1] ?? 'N/A', format, startMs),
    startMs,
    // Old builds do not say that a picture is only a cover, but none of them decodes one.
    video: lines.some((line) => NO_VIDEO.test(line.text)) ? null : readVideo(input, toMappedStream(texts)),
    createdAt: toDate(firstMatch(input, CREATED)?.[1]),
  };
}

function firstMatch(texts: readonly string[], pattern: RegExp): RegExpExecArray | null {
  for (const text of texts) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
  return null;
}

function toDurationMs(clock: string, format: string, startMs: number): number | null {
  const [hours, minutes, seconds] = clock.split(':').map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) return null;
  const statedMs = Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000);
  // Matroska states the last time stamp, other containers the time between first and last.
  const durationMs = format.startsWith('matroska') ? statedMs - Math.max(0, startMs) : statedMs;
  return durationMs > 0 ? durationMs : null;
}

function toDate(text: string | undefined): Date | null {
  const date = new Date(text ?? '');
  // A camera whose clock was never set writes its zero: 1904, 1970 or 1980.
  return date.getTime() > Date.UTC(1981, 0) ? date : null;
}

// The number of the track that is decoded, once ffmpeg has chosen.
function toMappedStream(texts: readonly string[]): string | null {
  return firstMatch(texts, MAPPED)?.[1] ?? null;
}

function readVideo(input: readonly string[], mapped: string | null): VideoTrack | null {
  const at = input.findIndex((text) => {
    const stream = STREAM.exec(text);
    if (stream?.[2] !== 'Video') return false;
    return mapped === null ? !/\(attached pic\)/.test(text) : stream[1] === mapped;
  });
  if (at === -1) return null;
  const next = input.findIndex((text, index) => index > at && STREAM.test(text));
  return toVideoTrack(
    STREAM.exec(input[at]!)?.[3] ?? '',
    input.slice(at + 1, next === -1 ? undefined : next),
  );
}

function toVideoTrack(description: string, details: readonly string[]): VideoTrack {
  // Commas inside brackets belong to a field: yuv420p10le(tv, bt2020nc/bt2020/smpte2084).
  const fields = description.split(/,\s*(?![^()[\]]*[)\]])/);
  const size = fields.map((field) => /^(\d+)x(\d+)/.exec(field)).find((match) => match !== null);
  const rate = fields.map((field) => /^([\d.]+)(k?) fps/.exec(field)).find((match) => match !== null);
  const turn = Number(firstMatch(details, TURN)?.[1] ?? 0);
  return {
    codec: /^\w+/.exec(fields[0] ?? '')?.[0] ?? '',
    width: Number(size?.[1] ?? 0),
    height: Number(size?.[2] ?? 0),
    fps: rate === undefined || rate === null ? null : Number(rate[1]) * (rate[2] === 'k' ? 1000 : 1),
    rotation: (360 - Math.round(turn)) % 360,
    pixelFormat: /^\w+/.exec(fields[1] ?? '')?.[0] ?? '',
    isHdr: isHdrTrack(description),
  };
}

/** Whether ffmpeg's words on a video track, or on a picture, say that its curve is PQ or HLG. */
export function isHdrTrack(description: string): boolean {
  return /smpte2084|arib-std-b67/.test(description);
}
