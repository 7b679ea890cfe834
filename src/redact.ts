const SCHEME = String.raw`\b([a-z][a-z0-9+.-]*:\/\/)`;
// Greedy up to the last @ of the authority: people paste passwords that hold an unescaped @.
const USER_INFO = new RegExp(`${SCHEME}[^\\s/?#]*@`, 'gi');
// user:pass/word@host is no valid URL, yet it is typed; a colon not followed by a port gives it away.
const BROKEN_USER_INFO = new RegExp(
  `${SCHEME}[^\\s/@?#:'"[\\]]+:(?!\\d{1,5}(?:[/?#\\s'":]|$))[^\\s'"]*@`,
  'gi',
);
const SECRET_PARAMETER =
  /([?&;#](?:[\w.-]*(?:token|secret|jwt|passphrase|access_?key|passw(?:or)?d|signature|credential|api-?_?key|auth)[\w.-]*|pwd|pass|sig|key)=)[^&;#\s]+/gi;

/** A text or URL without the credentials of the URLs in it: user information is cut out, secret query values become `***`. */
export function redact(text: string): string {
  return text.replace(USER_INFO, '$1').replace(BROKEN_USER_INFO, '$1').replace(SECRET_PARAMETER, '$1***');
}

/** An argument as a whole without the credentials in it, whatever characters they hold, when it is a URL. */
export function redactUrl(arg: string): string {
  if (!URL.canParse(arg)) return redact(arg);
  const url = new URL(arg);
  if (url.username === '' && url.password === '') return redact(arg);
  url.username = '';
  url.password = '';
  return redact(url.href);
}
