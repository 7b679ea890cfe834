import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../errors.js';
import type { Guess } from './import-flags.js';

const MAX_LENGTH = 80;
/** How many lines that cannot be labels are told. */
const MAX_ISSUES = 10;

/** The labels of a text file, a label a line. Throws ConfigError that lists every line that cannot be one. */
export async function readLabelList(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`the labels ${file} cannot be read: ${WHY[cause.code ?? ''] ?? cause.code}`, [], {
      remedy: 'name a text file with --labels, a label a line',
      cause,
    });
  });
  if (text.includes('\uFFFD'))
    throw new ConfigError(`${file} is no text in UTF-8`, [], {
      remedy: 'name a text file with --labels, a label a line, saved as UTF-8',
    });
  const labels = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  const issues = labels.flatMap((label, n) => {
    if (label === '') return [`line ${n + 1} is empty`];
    if (label.length > MAX_LENGTH) return [`line ${n + 1} is longer than ${MAX_LENGTH} characters`];
    if (/\p{Cc}/u.test(label)) return [`line ${n + 1} holds a control character`];
    const first = labels.indexOf(label);
    return first < n ? [`line ${n + 1} is "${label}", as line ${first + 1} is`] : [];
  });
  if (issues.length === 0) return labels;
  const told = issues.slice(0, MAX_ISSUES);
  const more = issues.length > told.length ? [`and ${issues.length - told.length} more`] : [];
  throw new ConfigError(`${file} cannot be the list of labels`, [...told, ...more], {
    remedy: 'write one label a line, no two the same, in the order of the scores',
  });
}

/** Of labels that hold a comma, which separates names on the command line; none when there are none. */
export function toCommaNotes(labels: readonly string[], file: string): Guess[] {
  const held = labels.filter((label) => label.includes(','));
  if (held.length === 0) return [];
  const which =
    held.length === 1 ? `"${held[0]}" holds a comma` : `${held.length} hold a comma ("${held[0]}")`;
  return [
    [
      'labels',
      `${which}, which separates names in tag --labels and consume --label; to choose by such a name, write it without in ${file} and import again`,
    ],
  ];
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};
