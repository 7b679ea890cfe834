import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ConfigError } from '../../errors.js';
import { isFolder, makeFolder } from '../output-folder.js';

const KINDS = ['.svg', '.html'] as const;

/** Where a picture goes, and as what. */
export interface PictureFile {
  readonly path: string;
  readonly kind: (typeof KINDS)[number];
}

interface Wanted {
  /** -o: a file, or a folder. */
  readonly output: string | undefined;
  readonly clip: string;
  readonly labels: readonly string[];
  /** One that is there may be replaced. */
  readonly isForced: boolean;
}

/** Where the picture of a clip goes; its folder is made. Throws ConfigError when it cannot go there, or something is there. */
export function toPictureFile({ output = '.', clip, labels, isForced }: Wanted): PictureFile {
  const isPlace = output.endsWith('/') || isFolder(output);
  const path = resolve(isPlace ? join(output, toFileName(clip, labels)) : output);
  const kind = KINDS.find((one) => one === extname(path).toLowerCase());
  if (kind === undefined)
    throw new ConfigError(`${output} is neither a .svg nor a .html file`, [], {
      remedy: 'name one, or a folder that ends in /, with -o',
    });
  if (isFolder(path))
    throw new ConfigError(`${path} is a folder`, [], { remedy: 'name a file in it with -o' });
  makeFolder(dirname(path));
  if (existsSync(path) && !isForced)
    throw new ConfigError(`${path} is there already`, [], {
      remedy: 'replace it with --force, or name another file with -o',
    });
  return { path, kind };
}

const MOST_NAMED = 3;

/** Bytes of a clip's and of a label's name: a file's name holds 255, with that of its draft. */
const MOST_OF_CLIP = 80;
const MOST_OF_LABEL = 40;

function toFileName(clip: string, labels: readonly string[]): string {
  const name = clip.split(/[?#]/, 1)[0]!; // of an URL
  const stem = basename(/^[a-z][a-z0-9+.-]*:\/\//i.test(clip) ? name : clip).replace(/\.[^.]*$/, '');
  const slugs = labels.map((label) => toSlug(label, MOST_OF_LABEL));
  const named = labels.length > MOST_NAMED ? `${labels.length}-labels` : slugs.join('+');
  return `${toSlug(stem, MOST_OF_CLIP)}.${named}.svg`;
}

/** Accents go where a word can be read without; in most scripts marks tell words from each other. */
function toSlug(text: string, mostBytes: number): string {
  const plain = text
    .normalize('NFKD')
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return (
    Buffer.from(plain)
      .subarray(0, mostBytes)
      .toString()
      .replace(/\uFFFD+$/, '') || 'clip'
  );
}
