import type { FfmpegBuild } from './ffmpeg-build.js';

/** The protocols through which a stream of a scheme may be read, and nothing else. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  rtsp: 'rtsp,rtp,srtp,tcp,udp,tls,crypto',
  rtsps: 'rtsp,rtp,srtp,tcp,udp,tls,crypto',
  rtmp: 'rtmp,tcp',
  rtmps: 'rtmps,rtmp,tls,tcp',
  srt: 'srt',
  udp: 'udp',
  rtp: 'rtp,udp',
  tcp: 'tcp',
  http: 'http,https,httpproxy,tcp,tls,crypto,data',
  https: 'http,https,httpproxy,tcp,tls,crypto,data',
};

/** The schemes of URLs that can be read as live streams, lower case. */
export const LIVE_SCHEMES: readonly string[] = Object.keys(PROTOCOLS);

/**
 * Options for opening a live stream. `silentMs`: how long a server may be silent before ffmpeg itself gives up, where the
 * protocol has such a bound; a frozen stream must be noticed by its pictures all the same.
 */
export function toLiveInputOptions(url: string, build: FfmpegBuild, silentMs: number): readonly string[] {
  const scheme = /^[a-z]+/i.exec(url)?.[0].toLowerCase() ?? '';
  // Bounds for learning the format. MPEG-TS always takes all of it, as tracks may come later, and then sends it in one burst.
  // Not waiting to count pictures per second saves 20 of them.
  const learningUs = scheme.startsWith('rtsp') ? 5_000_000 : 1_000_000;
  const format = `-probesize 5000000 -analyzeduration ${learningUs} -fpsprobesize 0`;
  const reading = `-fflags +genpts+discardcorrupt -flags low_delay ${format} -an -sn -dn`;
  const transport = toTransport(scheme, build, String(silentMs * 1000));
  return [
    '-protocol_whitelist',
    PROTOCOLS[scheme] ?? scheme,
    ...transport,
    ...(/^(?:rtsps|rtmps|https)$/.test(scheme) ? build.anyCertificate : []),
    ...toPlaylist(url),
    ...reading.split(' '),
  ];
}

function toTransport(scheme: string, build: FfmpegBuild, silentUs: string): string[] {
  if (scheme === 'rtsp' || scheme === 'rtsps') {
    const bound = build.rtspTimeout === null ? [] : [build.rtspTimeout, silentUs];
    return ['-rtsp_transport', 'tcp', ...bound];
  }
  return /^(?:https?|rtmps?)$/.test(scheme) ? ['-rw_timeout', silentUs] : [];
}

// A playlist is read from its last piece on: what lies before it is past.
function toPlaylist(url: string): string[] {
  return /^https?:[^?#]*\.m3u8(?:[?#]|$)/i.test(url) ? ['-live_start_index', '-1'] : [];
}
