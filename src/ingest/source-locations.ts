import { access, constants, opendir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { IngestError, type StreamCause } from '../errors.js';
import { isUserInfoRaw, RAW_USER_INFO, redactUrl } from '../redact.js';
import { errorCode } from './error-code.js';

/** One place where a video lies: an absolute path with its size, or a URL. */
export interface Location {
  /** As the user would recognise it, without credentials. */
  readonly name: string;
  /** Absolute path or URL, credentials included. */
  readonly place: string;
  /** Bytes on disk; null for a URL. */
  readonly size: number | null;
}

/** A place that cannot be used. */
export interface LocationFailure {
  /** As the user would recognise it, without credentials. */
  readonly name: string;
  readonly error: IngestError;
}

/** Longer ones would not fit into an event. */
const MAX_URI_CHARS = 4096;
const EXTENSIONS =
  '3g2,3gp,asf,avi,divx,dv,f4v,flv,h264,h265,hevc,ivf,m2ts,m2v,m4v,mj2,mjpeg,mjpg,mkv,mov,mp4,mpe,mpeg,mpg,mts,mxf,nut,ogm,ogv,ts,vob,webm,wmv,y4m';
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
const LIVE = new Set(['rtsp', 'rtsps', 'rtmp', 'rtmps', 'srt', 'udp', 'rtp', 'tcp']);

/** The places that an argument (file, folder, glob or URL) stands for. Throws IngestError when there is none. */
export async function locate(arg: string, cwd: string): Promise<(Location | LocationFailure)[]> {
  if (arg === '') throw failure('not-found', 'a source is empty', 'Name a file, a folder, a glob or a URL.');
  const scheme = SCHEME.exec(arg)?.[1]?.toLowerCase();
  if (scheme === 'file') return locate(toPath(arg), cwd);
  if (scheme !== undefined) return [toUrlLocation(arg, scheme)];
  const info = await stat(resolve(cwd, arg)).catch(missingAsNull(arg));
  if (info?.isDirectory()) return locateInFolder(arg, cwd);
  if (info !== null) return [await locateFile(arg, cwd)];
  if (isDynamicPattern(arg)) return locateByGlob(arg, cwd);
  throw failure('not-found', `${arg} does not exist`, 'Check the path.');
}

function toPath(arg: string): string {
  try {
    return fileURLToPath(arg);
  } catch (cause) {
    throw failure('unsupported', `${arg} is not the URL of a local file`, 'Give the path itself.', cause);
  }
}

function toUrlLocation(arg: string, scheme: string): Location {
  if (LIVE.has(scheme)) {
    const remedy = 'Watch it as a live source.';
    throw failure('unsupported', `${redactUrl(arg)} is a live stream and no file`, remedy);
  }
  if (scheme !== 'http' && scheme !== 'https') {
    const remedy = 'Use http or https for a file, rtsp for a camera, or fetch the file first.';
    throw failure('unsupported', `${redactUrl(arg)}: ${scheme} is not a scheme that can be read`, remedy);
  }
  if (isUserInfoRaw(arg))
    throw new IngestError('not-found', `${redactUrl(arg)} is not opened`, { remedy: RAW_USER_INFO });
  if (!URL.canParse(arg))
    throw failure('not-found', `${redactUrl(arg)} is not a valid URL`, 'Check the address.');
  if (redactUrl(arg).length > MAX_URI_CHARS)
    throw failure('unsupported', `${redactUrl(arg).slice(0, 80)}… is too long`, 'Use a shorter address.');
  return { name: redactUrl(arg), place: arg, size: null };
}

async function locateInFolder(arg: string, cwd: string): Promise<(Location | LocationFailure)[]> {
  const options = { cwd: resolve(cwd, arg), caseSensitiveMatch: false, expandDirectories: false };
  const found = await glob(`**/*.{${EXTENSIONS}}`, options).catch((cause: unknown) => {
    throw failure('auth', `${arg} cannot be listed`, 'Give this user permission to read the folder.', cause);
  });
  const closed = await unreadableFolders(arg, cwd);
  if (found.length === 0 && closed.length === 0) {
    const remedy = 'Name the files themselves if they have unusual extensions.';
    throw failure('not-found', `${arg} holds no videos`, remedy);
  }
  const names = found.map((path) => join(arg, path));
  return [...(await locateAll(names, cwd)), ...closed];
}

/** What a search passes over in silence. */
async function unreadableFolders(arg: string, cwd: string): Promise<LocationFailure[]> {
  const inside = await glob('**/', {
    cwd: resolve(cwd, arg),
    onlyDirectories: true,
    expandDirectories: false,
  });
  const errors: LocationFailure[] = [];
  for (const folder of new Set([arg, ...inside.map((path) => join(arg, path.replace(/\/$/, '')))])) {
    try {
      await (await opendir(resolve(cwd, folder))).close();
    } catch (cause) {
      const remedy = 'Give this user permission to read the folder.';
      errors.push({ name: folder, error: failure('auth', `${folder} cannot be listed`, remedy, cause) });
    }
  }
  return errors;
}

async function locateByGlob(arg: string, cwd: string): Promise<(Location | LocationFailure)[]> {
  const found = await glob(arg, { cwd, dot: false, expandDirectories: false });
  if (found.length === 0) throw failure('not-found', `${arg} matches no file`, 'Check the pattern.');
  return locateAll(found, cwd);
}

async function locateAll(paths: readonly string[], cwd: string): Promise<(Location | LocationFailure)[]> {
  const found: (Location | LocationFailure)[] = [];
  for (const path of paths.toSorted()) {
    found.push(
      await locateFile(path, cwd).catch((error: unknown) => {
        if (error instanceof IngestError) return { name: path, error };
        throw error;
      }),
    );
  }
  return found;
}

async function locateFile(name: string, cwd: string): Promise<Location> {
  const place = resolve(cwd, name);
  const info = await stat(place).catch(missingAsNull(name));
  if (info === null) throw failure('not-found', `${name} does not exist`, 'Check the path.');
  if (!info.isFile()) {
    throw failure('unsupported', `${name} is neither a file nor a folder`, 'Name a video file.');
  }
  if (pathToFileURL(place).href.length > MAX_URI_CHARS) {
    throw failure('unsupported', `the path of ${name} is too long`, 'Move the file to a shorter path.');
  }
  if (info.size === 0) {
    throw failure('corrupt', `${name} is empty (0 bytes)`, 'Copy the file again, or leave it out.');
  }
  await access(place, constants.R_OK).catch((cause: unknown) => {
    throw failure('auth', `${name} may not be read`, 'Give this user permission to read it.', cause);
  });
  return { name, place, size: info.size };
}

function missingAsNull(name: string): (error: unknown) => null {
  return (error) => {
    const code = errorCode(error) ?? 'no reason given';
    // ENAMETOOLONG: a long pattern is no path.
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return null;
    throw failure(
      'auth',
      `${name} cannot be looked at (${code})`,
      'Give this user permission to read it.',
      error,
    );
  };
}

function failure(streamCause: StreamCause, message: string, remedy: string, cause?: unknown): IngestError {
  return new IngestError(streamCause, message, { remedy, cause });
}
