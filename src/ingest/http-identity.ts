import { createHash } from 'node:crypto';
import { IngestError, type StreamCause } from '../errors.js';
import { redactUrl } from '../redact.js';
import { errorCode } from './error-code.js';
import { identify } from './file-identity.js';

/** Without a byte. */
const TIMEOUT_MS = 15_000;
// Smaller files are fetched whole instead of in 66 parts.
const WHOLE_BYTES = 6 << 20;

/**
 * The identity of what a URL holds, by range requests, the same as that of the file on disk; without ranges, of URL, version
 * and length as the server states them; null when it states none. Throws IngestError when it cannot be had.
 */
export async function identifyUrl(url: string): Promise<string | null> {
  const first = await request(url, 0, WHOLE_BYTES);
  const size = Number(/\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  if (first.status !== 206 || !(size > 0)) {
    await first.body?.cancel();
    if (first.headers.get('content-length') === '0')
      throw failure(url, 'corrupt', 'is empty (0 bytes)', COPY);
    return identifyByStatement(url, first.headers);
  }
  const start = await readBody(url, first);
  return identify(size, async (offset, target) => {
    const end = offset + target.length;
    const part = end <= start.length ? start.subarray(offset, end) : await readRange(url, offset, end);
    if (part.length !== target.length) throw failure(url, 'corrupt', 'changes while it is read', COPY);
    target.set(part);
  });
}

/**
 * Whether a server gives out parts of what a URL holds; taken for granted when it does not answer. Rejects with the signal's
 * reason when aborted.
 */
export async function sendsRanges(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await request(url, 0, 1, signal).catch(() => null);
  signal.throwIfAborted();
  await response?.body?.cancel();
  return response === null || response.status === 206;
}

function identifyByStatement(url: string, headers: Headers): string | null {
  const version = headers.get('etag') ?? headers.get('last-modified');
  const length = headers.get('content-length');
  if (version === null || length === null) return null;
  const plain = new URL(url);
  const place = `${plain.protocol}//${plain.host}${plain.pathname}`;
  return createHash('sha256')
    .update(JSON.stringify([place, version, length]))
    .digest('hex');
}

async function readRange(url: string, from: number, end: number): Promise<Uint8Array> {
  const response = await request(url, from, end);
  if (response.status === 206) return readBody(url, response);
  await response.body?.cancel();
  throw failure(url, 'refused', 'answers parts of a file only sometimes', ADDRESS);
}

async function request(url: string, from: number, end: number, cancel?: AbortSignal): Promise<Response> {
  const { href, authorization } = withoutUserInfo(url);
  const headers = { range: `bytes=${from}-${end - 1}`, 'accept-encoding': 'identity', ...authorization };
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new DOMException('no byte', 'TimeoutError')), TIMEOUT_MS);
  const signal = cancel === undefined ? silence.signal : AbortSignal.any([silence.signal, cancel]);
  let response: Response;
  try {
    response = await fetch(href, { headers, signal });
  } catch (error) {
    throw toFailure(url, error);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw toRefusal(url, response.status);
}

async function readBody(url: string, response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const reader = response.body!.getReader(); // a 206 has a body
  const giveUp = () => void reader.cancel(new DOMException('no byte', 'TimeoutError')).catch(() => {});
  let isSilent = false;
  for (;;) {
    const timer = setTimeout(() => {
      isSilent = true;
      giveUp();
    }, TIMEOUT_MS);
    try {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    } catch (error) {
      throw toFailure(url, error);
    } finally {
      clearTimeout(timer);
    }
  }
  if (isSilent) throw toFailure(url, new DOMException('no byte', 'TimeoutError'));
  return Buffer.concat(parts);
}

// fetch refuses URLs that hold a user and password.
function withoutUserInfo(url: string): { href: string; authorization: Record<string, string> } {
  const plain = new URL(url);
  const { username, password } = plain;
  if (username === '' && password === '') return { href: url, authorization: {} };
  plain.username = '';
  plain.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { href: plain.href, authorization: { authorization } };
}

const ADDRESS = 'Check the address and that the server is up.';
const COPY = 'Check the file on the server.';

function toRefusal(url: string, status: number): IngestError {
  if (status === 401 || status === 403) {
    return failure(url, 'auth', `is not given out without other credentials (HTTP ${status})`, CREDENTIALS);
  }
  if (status === 416) return failure(url, 'corrupt', 'is empty (0 bytes)', COPY);
  if (status === 408 || status === 429)
    return failure(url, 'refused', `cannot be had now (HTTP ${status})`, 'Try again later.', true);
  if (status < 500) return failure(url, 'not-found', `is not there (HTTP ${status})`, 'Check the address.');
  return failure(url, 'refused', `cannot be had: the server fails (HTTP ${status})`, ADDRESS, true);
}

const CREDENTIALS = 'Put user and password into the URL, or allow access.';

function toFailure(url: string, error: unknown): IngestError {
  const code = errorCode(error);
  if (isTimeout(error)) {
    const what = `did not answer within ${TIMEOUT_MS / 1000} s`;
    return failure(url, 'timeout', what, ADDRESS, true, error);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failure(url, 'not-found', 'names a server that is not known', 'Check the address.', true, error);
  }
  const why = code === 'ECONNREFUSED' ? ': nothing listens on that port' : '';
  const how = code === null ? '' : `${why} (${code})`;
  return failure(url, 'refused', `cannot be reached${how}`, ADDRESS, true, error);
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
}

function failure(
  url: string,
  cause: StreamCause,
  what: string,
  remedy: string,
  retryable = false,
  error?: unknown,
): IngestError {
  return new IngestError(cause, `${redactUrl(url)} ${what}`, { remedy, retryable, cause: error });
}
