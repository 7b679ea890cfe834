import { ConfigError } from '../../errors.js';
import type { ReportLabel } from '../report-data.js';
import { toOneLine } from './cue.js';

/** The file to cut. */
export interface EditedFile {
  /** Absolute. */
  readonly path: string;
  /** The container's own time at media time 0. */
  readonly startMs: number;
}

/**
 * An edit list for ffmpeg's concat demuxer: what a label shows of a file, in order. Throws ConfigError for a path that such
 * a list cannot hold.
 */
export function toEditList({ label, segments }: ReportLabel, file: EditedFile, generator: string): string {
  const { path, startMs: offsetMs } = file;
  if (/[\r\n\0]/.test(path))
    throw new ConfigError(
      `the path of ${toOneLine(path)} holds a line break, which an edit list cannot`,
      [],
      {
        remedy: 'rename the file and tag it again',
      },
    );
  const cuts = segments.map(
    ({ startMs, endMs }) =>
      `file ${quote(path)}\ninpoint ${toSeconds(startMs + offsetMs)}\noutpoint ${toSeconds(endMs + offsetMs)}\n`,
  );
  const head = `# ${toOneLine(label)} in ${path}, ${generator}\n# ${HOW_TO_CUT}\n`;
  return ['ffconcat version 1.0\n', head, ...cuts].join('');
}

// An inpoint alone would begin at the key frame before it; without -copyts, that key frame would count as the beginning.
const HOW_TO_CUT =
  'ffmpeg -copyts -safe 0 -segment_time_metadata 1 -i THIS.ffconcat -vf select=concatdec_select -af aselect=concatdec_select,aresample=async=1 OUT.mp4';

function quote(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

function toSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
