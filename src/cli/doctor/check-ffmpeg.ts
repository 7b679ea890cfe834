import type { Config } from '../../config/config.js';
import { type FfmpegAbilities, readFfmpegAbilities } from '../../ingest/ffmpeg-abilities.js';
import type { FfmpegBuild } from '../../ingest/ffmpeg-build.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** Years after which an ffmpeg counts as old: its line gets no more fixes from its makers. */
const OLD_YEARS = 4;
const INSTALL =
  'install a current ffmpeg (apt-get install ffmpeg, brew install ffmpeg), or name one with ffmpeg.path or FFMPEG_PATH';
const ORIGINS = {
  config: 'named by ffmpeg.path',
  FFMPEG_PATH: 'named by FFMPEG_PATH',
  PATH: 'found on PATH',
  bundled: 'bundled with labelcast',
} satisfies Record<FfmpegBuild['origin'], string>;

/** The version of a package of a distribution, which mends an old line for longer: 4.4.2-0ubuntu0.22.04.1, 7.1-3, 6.1.1.fc39. */
const PACKAGED = /^\d[\d.]*-\d[^-]*$|ubuntu|deb\d|bpo\d|\.(?:fc|el)\d/;

interface Ability {
  readonly name: string;
  /** One of them is enough. */
  readonly anyOf: readonly string[];
  /** What is lost without it. */
  readonly loss: string;
  readonly remedy?: string;
}

const FILTERS = ['scale', 'select', 'showinfo'];
const FORMATS: readonly Ability[] = [
  { name: 'H.264', anyOf: ['h264'], loss: 'most files and cameras cannot be read' },
  { name: 'HEVC', anyOf: ['hevc'], loss: 'files and cameras in HEVC (H.265) cannot be read' },
  {
    name: 'AV1',
    anyOf: ['libdav1d', 'libaom-av1', 'libgav1'], // the one named av1 needs hardware
    loss: 'files in AV1 cannot be read',
    remedy: 'install an ffmpeg with libdav1d (4.2 or newer; that of Debian and Ubuntu has it)',
  },
  { name: 'VP9', anyOf: ['vp9', 'libvpx-vp9'], loss: 'files in VP9 (WebM) cannot be read' },
  { name: 'MJPEG', anyOf: ['mjpeg'], loss: 'cameras that send MJPEG cannot be read' },
];
const INPUTS: readonly (Ability & { readonly schemes: readonly string[] })[] = [
  { name: 'https', anyOf: ['https'], schemes: ['https'], loss: 'https addresses cannot be opened' },
  { name: 'RTSP', anyOf: ['rtsp'], schemes: ['rtsp', 'rtsps'], loss: 'RTSP cameras cannot be watched' },
  {
    name: 'RTMP',
    anyOf: ['rtmp', 'librtmp'],
    schemes: ['rtmp', 'rtmps'],
    loss: 'RTMP streams cannot be watched',
  },
  {
    name: 'SRT',
    anyOf: ['srt', 'libsrt'],
    schemes: ['srt'],
    loss: 'SRT streams cannot be watched',
    remedy: 'install an ffmpeg with libsrt (that of Debian and Ubuntu has it)',
  },
];

export async function checkFfmpeg(build: FfmpegBuild, config: Config): Promise<Finding[]> {
  return judgeFfmpeg(build, await readFfmpegAbilities(build.path), {
    year: new Date().getFullYear(),
    schemes: new Set(config.streams.map(({ url }) => url.split(':', 1)[0]!.toLowerCase())),
  });
}

/** `schemes`: those of the streams to be watched. */
export function judgeFfmpeg(
  build: FfmpegBuild,
  abilities: FfmpegAbilities,
  { year, schemes }: { readonly year: number; readonly schemes: ReadonlySet<string> },
): Finding[] {
  const { decoders, demuxers, protocols } = abilities;
  // a protocol each, but for RTSP: a demuxer, over TCP; there is a demuxer srt too, of subtitles
  const sources = demuxers.has('rtsp') && protocols.has('tcp') ? new Set([...protocols, 'rtsp']) : protocols;
  return [
    judgeBuild(build, abilities, year),
    ...judgeAll('formats', FORMATS, (one) => ({ has: decoders, isNeeded: one.name === 'H.264' })),
    ...judgeHdr(build),
    ...judgeAll('inputs', INPUTS, (one) => ({
      has: sources,
      isNeeded: one.schemes.some((scheme) => schemes.has(scheme)),
    })),
  ];
}

function judgeBuild(
  { path, version, origin }: FfmpegBuild,
  abilities: FfmpegAbilities,
  now: number,
): Finding {
  const { year, filters } = abilities;
  const age = year === null ? 0 : now - year;
  const isOld = age >= OLD_YEARS;
  const of = year === null ? '' : ` of ${year}${isOld ? `, ${age} years old` : ''}`;
  const text = `${version}${of}: ${path}, ${ORIGINS[origin]}`;
  const missing = FILTERS.filter((filter) => !filters.has(filter));
  if (missing.length > 0)
    return fail(
      'ffmpeg',
      `${text}; it lacks the filters ${missing.join(', ')}: nothing can be tagged`,
      INSTALL,
    );
  if (!isOld) return ok('ffmpeg', text);
  const crash = isNameless(version, year) ? '; it crashes when it looks up the name of a host' : '';
  if (PACKAGED.test(version))
    return warn(
      'ffmpeg',
      `${text}${crash}`,
      `see whether your distribution still mends it; if not, ${INSTALL}`,
    );
  return warn('ffmpeg', `${text}; the security holes found since then may be open in it${crash}`, INSTALL);
}

/** The bundled build for Linux, wherever it was copied to. */
function isNameless(version: string, year: number | null): boolean {
  return year === 2018 && version.endsWith('-static');
}

function judgeAll<T extends Ability>(
  subject: 'formats' | 'inputs',
  abilities: readonly T[],
  look: (one: T) => { readonly has: ReadonlySet<string>; readonly isNeeded: boolean },
): Finding[] {
  const isThere = (one: T): boolean => one.anyOf.some((name) => look(one).has.has(name));
  const names = abilities.filter(isThere).map(({ name }) => name);
  const verb = subject === 'formats' ? 'can be decoded' : 'can be opened';
  const there = names.length === 0 ? [] : [ok(subject, `${names.join(', ')} ${verb}`)];
  const missing = abilities
    .filter((one) => !isThere(one))
    .map((one) => {
      const text = `this ffmpeg has no ${one.name}: ${one.loss}`;
      return (look(one).isNeeded ? fail : warn)(subject, text, one.remedy ?? INSTALL);
    });
  return [...there, ...missing];
}

function judgeHdr({ canToneMap }: FfmpegBuild): Finding[] {
  if (canToneMap) return [];
  const text =
    'this ffmpeg lacks zscale or tonemap: HDR videos are tagged in pale colours, so labels may be missed';
  return [warn('formats', text, 'install an ffmpeg with libzimg (that of Debian and Ubuntu has it)')];
}
