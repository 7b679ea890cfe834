import { IngestError, type StreamCause } from '../errors.js';
import { redact } from '../redact.js';

/** One line of ffmpeg's stderr under `-loglevel level+repeat`; `context` is the part of ffmpeg that speaks, '' when it is the program. */
export interface LogLine {
  readonly level: 'fatal' | 'error' | 'warning' | 'info';
  readonly context: string;
  readonly text: string;
}

const LINE = /^((?:\[[^\]]* @ (?:0x)?[0-9a-f]+\] )*)\[(panic|fatal|error|warning|info|verbose)\] ?(.*)$/;
const MAX_LINE_CHARS = 2000;

/** Splits a stderr line into who, how bad and what; a line without a level (a crash, a dynamic linker) counts as an error. */
export function readLogLine(line: string): LogLine {
  const match = LINE.exec(line.slice(0, MAX_LINE_CHARS));
  if (match === null) return { level: 'error', context: '', text: line.slice(0, MAX_LINE_CHARS).trimEnd() };
  const [, context = '', word = '', text = ''] = match;
  const level = word === 'panic' ? 'fatal' : word === 'verbose' ? 'info' : (word as LogLine['level']);
  return { level, context: context.replace(/ @ (?:0x)?[0-9a-f]+\]/g, ']').trim(), text: text.trimEnd() };
}

const DAMAGE_WARNING = /corrupt|conceal|truncat|invalid|missing|discontinuity|partial|damaged|error/i;

/** Whether a line reports that data of the input were lost or could not be decoded. */
export function isDamage(line: LogLine): boolean {
  if (line.level === 'error' || line.level === 'fatal') return true;
  return line.level === 'warning' && DAMAGE_WARNING.test(line.text);
}

const TRUNCATION =
  /partial file|File ended prematurely|matroska.*Read error|Stream ends prematurely|Failed to reconnect/;

/** Whether the demuxer says that the file itself stops before its end. */
export function isTruncation({ level, context, text }: LogLine): boolean {
  if (level === 'error') return TRUNCATION.test(`${context} ${text}`);
  // The file ended within a packet whose length it states; a transport stream states none, and means lost bytes by it.
  return level === 'warning' && text.startsWith('Packet corrupt (stream') && !/mpegts|^$/.test(context);
}

/** Whether a line says that a broken connection is being made again; another line follows when that fails. */
export function isReconnection({ text }: LogLine): boolean {
  return /Will reconnect at/.test(text);
}

const NETWORK =
  /Stream ends prematurely|Failed to reconnect|Connection (?:reset|refused|timed out)|Input\/output error|Network is unreachable|HTTP error 5\d\d/;

/** Whether a line says that the network, rather than the file, gave up. */
export function isNetworkFailure(line: LogLine): boolean {
  return line.level !== 'info' && NETWORK.test(line.text);
}

interface Known {
  readonly pattern: RegExp;
  readonly cause: StreamCause;
  readonly what: string;
  readonly remedy: string;
  readonly retryable?: boolean;
}

const NEWER = 'Use a newer or fuller ffmpeg build (ffmpeg.path or FFMPEG_PATH), or convert the file.';
const ADDRESS = 'Check the address and that the server is up.';
// The first that matches any line wins, so the special comes before the general.
const KNOWN: readonly Known[] = [
  {
    pattern: /moov atom not found/,
    cause: 'corrupt',
    what: 'has no index (moov atom): it is no video, was cut off, or is still being written',
    remedy: 'Play it in a video player; if it fails there too, copy the file again or rebuild its index.',
  },
  {
    pattern: /(?:HTTP error|Server returned) 40[13]/,
    cause: 'auth',
    what: 'needs credentials that the server accepts',
    remedy: 'Put user and password into the URL, or allow access.',
  },
  {
    pattern: /(?:HTTP error|Server returned) 4/,
    cause: 'not-found',
    what: 'is not there (the server refused the request)',
    remedy: 'Check the address.',
  },
  {
    pattern: /No such file or directory/,
    cause: 'not-found',
    what: 'does not exist',
    remedy: 'Check the path.',
  },
  {
    pattern: /Permission denied/,
    cause: 'auth',
    what: 'may not be read',
    remedy: 'Give this user permission to read it.',
  },
  {
    pattern: /Connection refused|Network is unreachable|No route to host|Failed to resolve/,
    cause: 'refused',
    what: 'cannot be reached',
    remedy: ADDRESS,
    retryable: true,
  },
  {
    pattern: /timed out/i,
    cause: 'timeout',
    what: 'stopped answering',
    remedy: ADDRESS,
    retryable: true,
  },
  {
    pattern: /not on whitelist|Protocol not found/i,
    cause: 'unsupported',
    what: 'refers to an address that may not be opened from it',
    remedy: 'Name the file or stream it points to instead.',
  },
  {
    pattern: /matches no streams|does not contain any stream/,
    cause: 'unsupported',
    what: 'has no video track',
    remedy: 'Leave it out: only video can be tagged.',
  },
  {
    pattern: /Decoder \(codec [^)]*\) not found|no decoder found|Unknown decoder|unknown codec/i,
    cause: 'unsupported',
    what: 'is in a format that this ffmpeg cannot decode',
    remedy: NEWER,
  },
  {
    pattern: /Could not find codec parameters/,
    cause: 'decode',
    what: 'holds no picture that can be decoded',
    remedy: 'Play it in a video player; if it fails there too, copy the file again.',
  },
];

/** The error for a source that ffmpeg refused to open or decode; `name` is how the user knows it. */
export function toIngestError(name: string, lines: readonly LogLine[]): IngestError {
  for (const known of KNOWN) {
    if (lines.some((line) => line.level !== 'info' && known.pattern.test(line.text))) {
      const { cause, what, remedy, retryable = false } = known;
      return new IngestError(cause, `${name} ${what}`, { remedy, retryable });
    }
  }
  if (lines.some((line) => /Invalid data found when (?:processing input|opening)/.test(line.text))) {
    const remedy = 'Check that it is a video and complete; play it in a video player.';
    return new IngestError('unsupported', `${name} is not a video that ffmpeg can read`, { remedy });
  }
  const last = lines.filter((line) => line.level !== 'info').at(-1);
  const said = last === undefined ? 'it gave no reason' : `it said: ${redact(last.text)}`;
  const remedy = 'Play it in a video player; if it fails there too, copy the file again.';
  return new IngestError('decode', `${name} could not be decoded by ffmpeg; ${said}`, { remedy });
}
