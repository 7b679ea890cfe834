import { readFfmpegText } from './ffmpeg-child.js';

/** What an ffmpeg says of itself. */
export interface FfmpegAbilities {
  /** Of its release or build; null: it does not say. */
  readonly year: number | null;
  /** The hardware that it may know how to decode on, whether or not there is any. */
  readonly accelerators: ReadonlySet<string>;
  readonly decoders: ReadonlySet<string>;
  readonly demuxers: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  /** That it can read from. */
  readonly protocols: ReadonlySet<string>;
}

/** Asks an ffmpeg that runs. */
export async function readFfmpegAbilities(path: string): Promise<FfmpegAbilities> {
  const ask = (list: string): Promise<string> => readFfmpegText(path, ['-hide_banner', list]);
  const [version, accelerators, decoders, demuxers, filters, protocols] = await Promise.all([
    readFfmpegText(path, ['-version']),
    ...['-hwaccels', '-decoders', '-demuxers', '-filters', '-protocols'].map(ask),
  ]);
  return {
    year: toYear(version!),
    accelerators: toWords(accelerators!),
    decoders: toNames(decoders!),
    demuxers: toNames(demuxers!),
    filters: toNames(filters!),
    protocols: toProtocols(protocols!),
  };
}

/** The last year of its copyright line, which each release brings up to date. */
export function toYear(version: string): number | null {
  const year = /Copyright \(c\) (?:\d{4}-)?(\d{4})/.exec(version)?.[1];
  return year === undefined ? null : Number(year);
}

/** Of a list in which each line is flags, names separated by commas, and a description. */
export function toNames(list: string): ReadonlySet<string> {
  const lines = [...list.matchAll(/^ ([A-Z.| ]{1,6}) +([\w,.-]+) +\S/gm)];
  return new Set(lines.flatMap(([, , names]) => names!.split(',')));
}

/** Of a list with one on each line, below its heading. */
export function toWords(list: string): ReadonlySet<string> {
  return new Set([...list.matchAll(/^(\w+)\s*$/gm)].map(([, word]) => word!));
}

/** Of the list of those to read from, and then of those to write to. */
export function toProtocols(list: string): ReadonlySet<string> {
  const input = /Input:([^:]*?)Output:/s.exec(list)?.[1] ?? '';
  return new Set(input.split(/\s+/).filter((name) => name !== ''));
}
