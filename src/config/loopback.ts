import { isIP } from 'node:net';

/** Whether only this machine can reach what listens at an address; of names, `localhost` alone is known to be so. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return isIP(host) === 6 ? /^(?:0*:)*:?0*1$/.test(host) : host.toLowerCase() === 'localhost';
}
