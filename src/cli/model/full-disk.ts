import { ConfigError } from '../../errors.js';
import { toSize } from '../journal/quantities.js';

interface Place {
  /** The folder of the package. */
  readonly dir: string;
  readonly neededBytes: number;
  /** Before anything was written; null: not known. */
  readonly freeBytes: number | null;
}

/** An error of a place that takes no more as one that says what is needed; any other as it is. */
export function explainFullDisk(error: unknown, { dir, neededBytes, freeBytes }: Place): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const needed = `the package needs ${toSize(neededBytes)}`;
  const why: Readonly<Record<string, string>> = {
    ENOSPC: `its disk is full: ${needed}${freeBytes === null ? '' : `, and ${toSize(freeBytes)} were free`}`,
    EDQUOT: `there is no room for more of your files: ${needed}`,
    EFBIG: `a file of it is larger than you may write there: ${needed}`,
  };
  if (why[code] === undefined) return error;
  return new ConfigError(`${dir} cannot be written: ${why[code]}`, [], {
    remedy: code === 'EFBIG' ? LIMIT : ROOM,
    cause: error,
  });
}

const ROOM = 'free space there, or name a folder on another disk with -o, and import again';
const LIMIT = 'raise the limit (`ulimit -f`), or name a folder on another disk with -o, and import again';
