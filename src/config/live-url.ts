import { toHint } from './did-you-mean.js';

const SCHEMES = ['rtsp', 'rtsps', 'rtmp', 'rtmps', 'srt', 'udp', 'rtp', 'tcp', 'http', 'https'];

/** The address of a live source, by its form. */
export const LIVE_URL = new RegExp(`^(?:${SCHEMES.join('|')}):\\/\\/\\S+$`, 'i');

/** What is wrong with an address that is none of a live source, without repeating it: it may hold a password. */
export function toLiveUrlProblem(address: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'write the URL of a live source, such as rtsp://10.0.0.5/stream1';
  if (SCHEMES.includes(scheme)) return `write a host behind ${scheme}://, and %20 for a blank`;
  return `${scheme} is no scheme of live sources${toHint(scheme, SCHEMES)}`;
}
