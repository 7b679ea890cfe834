import { posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IngestError } from '../errors.js';
import { redactUrl } from '../redact.js';
import type { StreamKind } from '../types.js';
import { identifyFile } from './file-identity.js';
import { identifyUrl } from './http-identity.js';
import { isUrl } from './input-options.js';
import { type Location, locate } from './source-locations.js';
import { toStreamId } from './stream-id.js';

/** A video to be tagged once, wherever copies of it lie. */
export interface Source {
  readonly streamId: string;
  readonly kind: 'file';
  /** `file:///…` or URL, without credentials. */
  readonly sourceUri: string;
  /** What ffmpeg gets; may hold credentials. */
  readonly input: string;
  /** Each path or URL of this content as the user would recognise it, in order of absolute path; without credentials. */
  readonly names: readonly string[];
  /** Hex SHA-256 of the content's samples; null when a server gives nothing to tell it by. */
  readonly identity: string | null;
}

/** An argument, or a file it stands for, that cannot be used. */
export interface SourceFailure extends Pick<Source, 'streamId' | 'sourceUri'> {
  readonly kind: StreamKind;
  readonly name: string;
  readonly error: IngestError;
}

interface Identified extends Location {
  readonly identity: string | null;
}

/**
 * The sources that files, folders, globs and URLs stand for, in order of first appearance, each content once; and those that
 * cannot be used, with the reason.
 */
export async function resolveSources(
  args: readonly string[],
  cwd: string,
): Promise<{ sources: Source[]; failures: SourceFailure[] }> {
  const failures: SourceFailure[] = [];
  const attempt = async <T>(name: string, step: () => Promise<T>): Promise<T | null> => {
    try {
      return await step();
    } catch (error) {
      failures.push(toFailure(name, toIngestError(name, error), cwd));
      return null;
    }
  };
  const contents = new Map<string, Identified[]>();
  const seen = new Set<string>();
  for (const arg of args) {
    for (const found of (await attempt(redactUrl(arg), () => locate(arg, cwd))) ?? []) {
      if ('error' in found) failures.push(toFailure(found.name, found.error, cwd));
      else if (!seen.has(found.place)) {
        seen.add(found.place);
        const identity = await attempt(found.name, () => identifyLocation(found));
        if (identity !== null) addTo(contents, { ...found, identity: identity.hex });
      }
    }
  }
  return { sources: [...contents.values()].map(toSource), failures };
}

async function identifyLocation({ place, size }: Location): Promise<{ hex: string | null }> {
  return { hex: size === null ? await identifyUrl(place) : await identifyFile(place, size) };
}

function addTo(contents: Map<string, Identified[]>, location: Identified): void {
  const key = location.identity ?? location.place;
  const copies = contents.get(key);
  if (copies === undefined) contents.set(key, [location]);
  else copies.push(location);
}

function toSource(copies: readonly Identified[]): Source {
  const sorted = copies.toSorted((a, b) => (a.place < b.place ? -1 : 1));
  const { place, identity } = sorted[0]!;
  const sourceUri = isUrl(place) ? redactUrl(place) : pathToFileURL(place).href;
  return {
    streamId: toStreamId(toBaseName(place), identity, isUrl(place) ? sourceUri : place),
    kind: 'file',
    sourceUri,
    // With its scheme, so that no name is taken for a protocol.
    input: isUrl(place) ? place : `file:${place}`,
    names: sorted.map((copy) => copy.name),
    identity,
  };
}

/** Events hold at most so much of an address. */
const MAX_URI_CHARS = 4096;
const LIVE = /^(?:rtsps?|rtmps?|srt|udp|rtp|tcp):/i;

/** How a source that cannot be used is known to the world; `name` is a path or URL without credentials. */
function toFailure(name: string, error: IngestError, cwd: string): SourceFailure {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(name) && !/^file:/i.test(name);
  const place = hasScheme ? name : resolve(cwd, name.replace(/^file:\/\//i, ''));
  const kind = LIVE.test(name) ? 'live' : 'file';
  const url = hasScheme && URL.canParse(name) ? new URL(name) : null;
  const slug =
    url === null ? posix.basename(place) : kind === 'live' ? url.host + url.pathname : toBaseName(name);
  const sourceUri = (hasScheme ? name : pathToFileURL(place).href).slice(0, MAX_URI_CHARS);
  return { streamId: toStreamId(slug, null, place), kind, sourceUri, name, error };
}

function toBaseName(place: string): string {
  if (!isUrl(place)) return posix.basename(place);
  const { hostname, pathname } = new URL(place);
  const last = posix.basename(pathname);
  try {
    return decodeURIComponent(last) || hostname;
  } catch {
    return last;
  }
}

function toIngestError(name: string, error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  const remedy = 'Check that it is there, whole and readable.';
  return new IngestError('decode', `${name} cannot be read`, { remedy, cause: error });
}
