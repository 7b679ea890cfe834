import { IngestError } from '../errors.js';
import { isUserInfoRaw, RAW_USER_INFO, redactUrl } from '../redact.js';
import { LIVE_SCHEMES } from './live-options.js';
import { toStreamId } from './stream-id.js';

/** A live stream as it is opened, and as the world may know it. */
export interface LiveLocation {
  /** May hold credentials. */
  readonly url: string;
  /** As people know it, without credentials. */
  readonly name: string;
  /** Without credentials. */
  readonly sourceUri: string;
  /** Host and path, `~`, 8 hex digits of the URL without credentials. */
  readonly streamId: string;
}

// Longer ones would not fit into an event.
const MAX_URI_CHARS = 4096;
const EXAMPLE = 'Write it like rtsp://user:password@10.0.0.5:554/stream1.';

/** Whether an argument is the URL of a stream that has no end: by its scheme; http and https may be either and are not. */
export function isLiveUrl(arg: string): boolean {
  const scheme = toScheme(arg);
  return LIVE_SCHEMES.includes(scheme) && !scheme.startsWith('http');
}

/** Reads the URL of a live stream (http and https too, when one is known to be live). Throws IngestError when it is malformed. */
export function readLiveUrl(arg: string): LiveLocation {
  const name = redactUrl(arg);
  const scheme = toScheme(arg);
  if (!LIVE_SCHEMES.includes(scheme)) {
    throw new IngestError('unsupported', `${name}: ${scheme || 'it'} is not a scheme of live streams`, {
      remedy: `Use one of ${LIVE_SCHEMES.join(', ')}.`,
    });
  }
  if (isUserInfoRaw(arg))
    throw new IngestError('not-found', `${name} is not opened`, { remedy: RAW_USER_INFO });
  const url = toUrl(arg);
  // A multicast or listening address may leave out its host: udp://:5000.
  const isHostless = url !== null && url.hostname === '' && !/^(?:udp|rtp|srt|tcp)$/.test(scheme);
  if (url === null || isHostless || /\s/.test(arg)) {
    throw new IngestError('not-found', `${name} is not a valid URL`, {
      remedy: `${EXAMPLE} Special characters in user and password are written as %40 and the like.`,
    });
  }
  if (name.length > MAX_URI_CHARS) {
    throw new IngestError('unsupported', `${name.slice(0, 80)}… is too long a URL`, { remedy: EXAMPLE });
  }
  const shown = toUrl(name) ?? url;
  return { url: arg, name, sourceUri: name, streamId: toStreamId(shown.host + shown.pathname, null, name) };
}

function toScheme(arg: string): string {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(arg)?.[1]?.toLowerCase() ?? '';
}

function toUrl(arg: string): URL | null {
  // Of schemes that are not its own, URL takes no address without a host.
  const text = arg.replace(/^((?:udp|rtp|srt|tcp):\/\/)@?(?=:\d)/i, '$1any');
  return URL.canParse(text) ? new URL(text) : null;
}
