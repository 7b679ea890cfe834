import { IngestError, type StreamCause } from '../errors.js';
import { redact } from '../redact.js';
import type { LogLine } from './ffmpeg-log.js';
import type { LiveEnd } from './live-decode.js';
import { isLoss } from './live-log.js';

/** What is known of a connection that is over. */
export interface LostConnection {
  /** The stream as people know it, without credentials. */
  readonly name: string;
  readonly end: Omit<LiveEnd, 'isMistaken' | 'isOutOfOrder'>;
  readonly hadPicture: boolean;
  /** How long there was no picture when it was given up; null when it ended of itself. */
  readonly silentMs: number | null;
}

interface Known {
  readonly pattern: RegExp;
  readonly cause: StreamCause;
  readonly what: string;
  readonly remedy: string;
}

const ADDRESS = 'Check the address, and that the camera is on and can be reached from here.';
const NEWER =
  'Use a newer or fuller ffmpeg build (ffmpeg.path or FFMPEG_PATH), or another format on the camera.';
// The first that matches any line wins, so the special comes before the general.
const KNOWN: readonly Known[] = [
  {
    // what libsrt itself says, and no more than that
    pattern: /REJECT reported from HS processing: (?:Incorrect passphrase|Password required)/,
    cause: 'auth',
    what: 'refuses the passphrase, or wants one',
    remedy: 'Write the passphrase of the sender as passphrase= in the URL, and none where it has none.',
  },
  {
    pattern: /failed to set option SRTO_PASSPHRASE/,
    cause: 'auth',
    what: 'is given a passphrase that SRT does not take',
    remedy: 'Check passphrase= in the URL: it has 10 to 79 characters.',
  },
  {
    pattern: /failed to set option SRTO_/,
    cause: 'unsupported',
    what: 'has a parameter in its URL that SRT does not take',
    remedy: 'Check the part of the URL after the question mark.',
  },
  {
    pattern: /Connection to srt:.* failed: Input\/output error/,
    cause: 'refused',
    what: 'cannot be reached: nothing answers on that port, or it refuses',
    remedy:
      'Check host, port and streamid, and that the sender is a listener (mode=listener here, where it calls).',
  },
  {
    // of the pieces of a playlist ffmpeg cannot be told to take any certificate
    pattern: /certificate (?:verify|verification) failed/i,
    cause: 'refused',
    what: 'has a certificate that this ffmpeg does not trust',
    remedy:
      'Trust it on this machine (SSL_CERT_FILE names a file that holds it), or let the camera serve http.',
  },
  {
    pattern: /(?:HTTP error|Server returned|failed:) 40[13]\b/,
    cause: 'auth',
    what: 'refuses user and password',
    remedy: 'Check user and password in the URL, with special characters written as %40 and the like.',
  },
  {
    pattern: /(?:Server returned|failed:) 453|(?:HTTP error|Server returned|failed:) 5\d\d|5XX Server Error/,
    cause: 'refused',
    what: 'cannot serve it now (the server reports an error of its own)',
    remedy: 'Check the camera; it may serve only so many viewers at once.',
  },
  {
    pattern: /(?:HTTP error|Server returned|failed:) 4(?!61)/,
    cause: 'not-found',
    what: 'does not exist on that server',
    remedy: 'Check the path in the URL against the manual of the camera.',
  },
  {
    pattern:
      /failed: 461|Unsupported transport|Protocol not found|not on whitelist|No such filter|Option .* not found/i,
    cause: 'unsupported',
    what: 'is offered only in a way that cannot be read',
    remedy: 'Let the camera serve RTSP over TCP; or use a newer ffmpeg build (ffmpeg.path or FFMPEG_PATH).',
  },
  {
    pattern: /matches no streams|does not contain any stream/,
    cause: 'unsupported',
    what: 'has no video track',
    remedy: 'Check the path in the URL: it may be that of the sound alone.',
  },
  {
    pattern: /Decoder \(codec [^)]*\) not found|no decoder found|Unknown decoder|unknown codec/i,
    cause: 'unsupported',
    what: 'is in a format that this ffmpeg cannot decode',
    remedy: NEWER,
  },
  {
    pattern: /Failed to resolve/i,
    cause: 'refused',
    what: 'cannot be reached: the name of its host is not known',
    remedy: 'Check the name, and the DNS of this machine; or write the IP address.',
  },
  {
    pattern: /Connection refused/i,
    cause: 'refused',
    what: 'cannot be reached: nothing listens on that port',
    remedy: 'Check the port, and that the camera is on and serves this protocol.',
  },
  {
    pattern: /unreachable|No route to host/i,
    cause: 'refused',
    what: 'cannot be reached: no network leads there',
    remedy: ADDRESS,
  },
  { pattern: /timed out/i, cause: 'timeout', what: 'does not answer', remedy: ADDRESS },
  {
    pattern: /Cannot read RTMP handshake response/,
    cause: 'refused',
    what: 'broke off before it answered',
    remedy: 'Check the port, and that what listens there is an RTMP server, or leads to one.',
  },
  {
    pattern: /Connection reset|Broken pipe/i,
    cause: 'ended',
    what: 'broke the connection',
    remedy: ADDRESS,
  },
];

/** Why a connection was lost or could not be made. */
export function toLiveProblem(lost: LostConnection): IngestError {
  const { name, end, hadPicture, silentMs } = lost;
  if (end.exit.spawnError !== null) return toStartProblem(name, end.exit.spawnError);
  const known = silentMs !== null && hadPicture ? undefined : findKnown(end.lines);
  if (known !== undefined) {
    // After pictures, a server that stops answering has stalled.
    const cause = hadPicture && known.cause === 'timeout' ? 'stalled' : known.cause;
    return problem(cause, `${name} ${known.what}`, known.remedy);
  }
  if (silentMs !== null) return toSilence(lost, silentMs);
  if (end.exit.signal !== null) return toCrash(name, end.exit.signal);
  return toEnd(lost);
}

function findKnown(lines: readonly LogLine[]): Known | undefined {
  return KNOWN.find(({ pattern }) => lines.some((line) => line.level !== 'info' && pattern.test(line.text)));
}

function toSilence({ name, end, hadPicture }: LostConnection, silentMs: number): IngestError {
  const seconds = Math.round(silentMs / 1000);
  if (end.lines.some(isLoss)) return toGarbage(name);
  if (hadPicture) {
    const remedy = 'Check the camera; the connection is made again.';
    return problem(
      'stalled',
      `${name} sent no picture for ${seconds} s though it is still connected`,
      remedy,
    );
  }
  if (end.isOpened) {
    const remedy = 'Check the camera; a key frame at least each 4 s helps.';
    return problem('timeout', `${name} was opened but sent no picture for ${seconds} s`, remedy);
  }
  if (isWaitedFor(name)) {
    const remedy =
      'Check that the sender is on and sends to this address and port, and that a firewall lets it in.';
    return problem('timeout', `nobody has sent to ${name} (for ${seconds} s)`, remedy);
  }
  return problem('timeout', `${name} does not answer (for ${seconds} s)`, ADDRESS);
}

/** Whether labelcast waits for somebody to send, and calls nobody. */
function isWaitedFor(name: string): boolean {
  return /^(?:udp|rtp):|^srt:.*[?&]mode=listener|^tcp:.*[?&]listen(?:=1)?(?:&|$)/i.test(name);
}

function toEnd({ name, end, hadPicture }: LostConnection): IngestError {
  if (
    !hadPicture &&
    (end.lines.some(isLoss) || end.lines.some((line) => /Invalid data|Could not find codec/.test(line.text)))
  )
    return toGarbage(name);
  const last = end.lines.filter((line) => line.level === 'error' || line.level === 'fatal').at(-1);
  if (end.exit.code === 0 || last === undefined) {
    const remedy = 'Check the camera; the connection is made again.';
    return problem('ended', `${name} ended the stream`, remedy);
  }
  const remedy = 'Check the camera with a video player.';
  return problem('decode', `${name} cannot be read; ffmpeg said: ${redact(last.text)}`, remedy);
}

function toGarbage(name: string): IngestError {
  const remedy = 'Check the network and the settings of the camera; play it in a video player.';
  return problem('decode', `${name} sends data that cannot be decoded`, remedy);
}

// The bundled build of 2018 is linked so that it crashes when it looks a host name up.
function toCrash(name: string, signal: NodeJS.Signals): IngestError {
  const remedy =
    signal === 'SIGSEGV'
      ? 'Write the address as numbers, or use a newer ffmpeg (ffmpeg.path or FFMPEG_PATH): old builds crash on host names.'
      : 'Check the memory of this machine.';
  return problem('decode', `ffmpeg was ended by ${signal} while it read ${name}`, remedy);
}

function toStartProblem(name: string, cause: Error): IngestError {
  const remedy = 'Check that ffmpeg is still there and may be run; labelcast doctor looks for it.';
  const options = { remedy, retryable: true, cause };
  return new IngestError('decode', `ffmpeg cannot be started to read ${name}`, options);
}

function problem(cause: StreamCause, message: string, remedy: string): IngestError {
  return new IngestError(cause, message, { remedy, retryable: !isLasting(cause) });
}

/** Whether trying again soon is in vain: someone must change something first. */
export function isLasting(cause: string): boolean {
  return cause === 'auth' || cause === 'not-found' || cause === 'unsupported';
}
