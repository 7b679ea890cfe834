import { isIP } from 'node:net';

const SCHEME = String.raw`\b([a-z][a-z0-9+.-]*:\/\/)`;
// Greedy up to the last @ of all: people paste passwords that hold an unescaped @, # or /.
const USER_INFO = new RegExp(`${SCHEME}[^\\s/?#]*@(?:[^\\s'"]*@)?`, 'gi');
// user:pass/word@host is no valid URL, yet it is typed; a colon not followed by a port gives it away.
const BROKEN_USER_INFO = new RegExp(
  `${SCHEME}[^\\s/@?#:'"[\\]]+:(?!\\d{1,5}(?:[/?#\\s'":]|$))[^\\s'"]*@`,
  'gi',
);
// rtsp://user:12#34@host is a valid URL of another host, yet it is typed as well.
const HASH_USER_INFO = new RegExp(`${SCHEME}[^\\s/@?#:'"[\\]]+:\\d{1,5}#[^\\s/'"]*@`, 'gi');
const SECRET_NAME =
  '[\\w.-]*(?:token|secret|jwt|passphrase|access_?key|passw(?:or)?d|userpwd|signature|credential|api-?_?key|auth)[\\w.-]*|pwd|psw|pass|sig|key';
// In a path too, as DVRs have it: /user=admin&password=…
const SECRET_PARAMETER = new RegExp(`([?&;#/](?:${SECRET_NAME})=)[^&;#\\s]+`, 'gi');
// Others join theirs with underscores: /user=admin_password=…_channel=1
const JOINED_PARAMETER = /(_(?:passw(?:or)?d|pwd|psw|pass)=)[^_&;#/\s]+/gi;

/** A text or URL without the credentials of the URLs in it: user information is cut out, secret query values become `***`. */
export function redact(text: string): string {
  return text
    .replace(HASH_USER_INFO, '$1')
    .replace(USER_INFO, '$1')
    .replace(BROKEN_USER_INFO, '$1')
    .replace(SECRET_PARAMETER, '$1***')
    .replace(JOINED_PARAMETER, '$1***');
}

/** What to do about an address of which `isUserInfoRaw` is true. */
export const RAW_USER_INFO =
  'the user or password in the address holds @, # or /: write %40, %23, %2F (an @ in the path as %40 too)';

const ADDRESS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]*)(.*)$/is;

/**
 * Whether the characters of a URL's user or password are not encoded, so that a part of them would be taken for its host or
 * path, and shown: an @ behind the first one, or behind what is user:password as well as host:port.
 */
export function isUserInfoRaw(address: string): boolean {
  const [, , authority = '', rest = ''] = ADDRESS.exec(address) ?? [];
  if (authority.includes('@')) return `${authority}${rest}`.split('@').length > 2;
  if (!rest.includes('@')) return false;
  return rest.startsWith('#') || (authority.includes(':') && !isAddressOfHost(authority));
}

/** `10.0.0.5:554` cannot be a user and a password; `gate:554` can. */
function isAddressOfHost(authority: string): boolean {
  const host = authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0;
}

/**
 * An argument as a whole without the credentials in it, whatever characters they hold, when it is a URL; of one whose user
 * information is raw, the scheme and what is behind the last @.
 */
export function redactUrl(arg: string): string {
  if (isUserInfoRaw(arg)) return redact(`${ADDRESS.exec(arg)![1]}${arg.slice(arg.lastIndexOf('@') + 1)}`);
  if (!URL.canParse(arg)) return redact(arg);
  const url = new URL(arg);
  if (url.username === '' && url.password === '') return redact(arg);
  url.username = '';
  url.password = '';
  return redact(url.href);
}
