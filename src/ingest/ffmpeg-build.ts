import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { ConfigError, IngestError } from '../errors.js';
import { readFfmpegText } from './ffmpeg-child.js';

/** The ffmpeg in use and what its own help says it can do. */
export interface FfmpegBuild {
  readonly path: string;
  readonly version: string;
  readonly origin: 'config' | 'FFMPEG_PATH' | 'PATH' | 'bundled';
  /** One line for people when this build is second best, else null. */
  readonly warning: string | null;
  /** The options that pass frames on with their own times, neither dropped nor repeated. */
  readonly passthrough: readonly string[];
  /** The options that keep ffmpeg from giving up on a file in which most frames are damaged. */
  readonly neverGiveUp: readonly string[];
  /** It says so when a connection over http is lost; in old builds some losses look like the end of the file. */
  readonly tellsLostConnections: boolean;
  /** The option that bounds how long an RTSP server may be silent, in microseconds; null: there is none. */
  readonly rtspTimeout: string | null;
  /** The options without which it refuses a camera that signed its certificate itself; FFmpeg 9 checks unless it is told, older ones did not. */
  readonly anyCertificate: readonly string[];
  /** HDR can be mapped to what a model was trained on. */
  readonly canToneMap: boolean;
}

/**
 * Finds ffmpeg: configured path, `FFMPEG_PATH`, `PATH`, bundled, in this order, and probes it once. Throws ConfigError
 * when a path that was asked for cannot be run, IngestError when there is no ffmpeg at all.
 */
export async function findFfmpeg(configured: string | null, env: NodeJS.ProcessEnv): Promise<FfmpegBuild> {
  if (configured !== null) return probeWanted(configured, 'config', 'ffmpeg.path');
  const fromEnv = env.FFMPEG_PATH;
  if (fromEnv !== undefined && fromEnv !== '') return probeWanted(fromEnv, 'FFMPEG_PATH', 'FFMPEG_PATH');
  for (const path of await pathCandidates(env)) {
    const build = await probe(path, 'PATH').catch(() => null);
    if (build !== null) return build;
  }
  return probeBundled();
}

async function probeWanted(
  path: string,
  origin: 'config' | 'FFMPEG_PATH',
  where: string,
): Promise<FfmpegBuild> {
  const full = isAbsolute(path) ? path : resolve(path);
  try {
    return await probe(full, origin);
  } catch (cause) {
    const remedy = 'Name an ffmpeg that runs on this machine, or leave it out to use the one on PATH.';
    const message = `${where}: ${full} cannot be run as ffmpeg`;
    throw new ConfigError(message, [message], { remedy, cause });
  }
}

async function pathCandidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const found: string[] = [];
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) found.push(resolve(path));
  }
  return found;
}

async function probeBundled(): Promise<FfmpegBuild> {
  try {
    // Loaded only here: on a platform it has no binary for, the package throws as it loads.
    const { default: bundled } = await import('@ffmpeg-installer/ffmpeg');
    const build = await probe(bundled.path, 'bundled');
    const warning =
      `using the bundled ffmpeg of 2018 (${build.version}): it lacks SRT, newer codecs and security fixes; ` +
      'install ffmpeg, or name one with ffmpeg.path or FFMPEG_PATH';
    return { ...build, warning };
  } catch (cause) {
    const remedy = 'Install ffmpeg (for example: apt-get install ffmpeg), or name one with FFMPEG_PATH.';
    throw new IngestError('unsupported', 'No ffmpeg that runs was found on PATH or in the package', {
      remedy,
      cause,
    });
  }
}

async function probe(path: string, origin: FfmpegBuild['origin']): Promise<FfmpegBuild> {
  const version = /^ffmpeg version (\S+)/m.exec(await readFfmpegText(path, ['-version']))?.[1];
  if (version === undefined) throw new Error(`${path} does not say which ffmpeg it is`);
  const help = await readFfmpegText(path, ['-hide_banner', '-h', 'long']);
  const filters = await readFfmpegText(path, ['-hide_banner', '-filters']);
  const rtsp = await readFfmpegText(path, ['-hide_banner', '-h', 'demuxer=rtsp']);
  const tls = await readFfmpegText(path, ['-hide_banner', '-h', 'protocol=tls']);
  const has = (option: string): boolean => new RegExp(`^\\s*-${option}\\b`, 'm').test(help);
  const hasFilter = (filter: string): boolean => new RegExp(`^ \\S+ ${filter} `, 'm').test(filters);
  const isRecent = has('fps_mode'); // 5.1
  return {
    path,
    version,
    origin,
    warning: null,
    passthrough: [isRecent ? '-fps_mode' : '-vsync', 'passthrough'],
    neverGiveUp: has('max_error_rate') ? ['-max_error_rate', '1'] : [],
    tellsLostConnections: isRecent,
    rtspTimeout: toRtspTimeout(rtsp),
    anyCertificate: /^\s*-tls_verify\b.*default true/m.test(tls) ? ['-tls_verify', '0'] : [],
    canToneMap: hasFilter('zscale') && hasFilter('tonemap'),
  };
}

// Before FFmpeg 5, -timeout on an RTSP input makes it a server that waits for connections.
function toRtspTimeout(help: string): string | null {
  if (/^\s*-stimeout\b/m.test(help)) return '-stimeout';
  return /^\s*-timeout\b.*microseconds/m.test(help) ? '-timeout' : null;
}
