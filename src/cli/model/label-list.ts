import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../errors.js';

const MAX_LENGTH = 80;

/** The labels of a text file, a label a line. Throws ConfigError that lists every line that cannot be one. */
export async function readLabelList(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`the labels ${file} cannot be read: ${WHY[cause.code ?? ''] ?? cause.code}`, [], {
      remedy: 'name a text file with --labels, a label a line',
      cause,
    });
  });
  const labels = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  const issues = labels.flatMap((label, n) => {
    if (label === '') return [`line ${n + 1} is empty`];
    if (label.length > MAX_LENGTH) return [`line ${n + 1} is longer than ${MAX_LENGTH} characters`];
    const first = labels.indexOf(label);
    return first < n ? [`line ${n + 1} is "${label}", as line ${first + 1} is`] : [];
  });
  if (issues.length === 0) return labels;
  throw new ConfigError(`${file} is no list of labels`, issues, {
    remedy: 'write one label a line, each another, in the order of the scores',
  });
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};
