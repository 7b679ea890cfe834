import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { toHint } from '../config/did-you-mean.js';
import { ConfigError } from '../errors.js';
import { readCsvRows, toCsvProblem } from '../eval/csv-rows.js';

/** A photo and what is to be seen in it. */
export interface LabelledPhoto {
  readonly path: string;
  readonly labels: readonly string[];
  /** Neither to be seen nor not. */
  readonly difficult: readonly string[];
}

const LEAST_PHOTOS = 50;
const LEAST_POSITIVES = 20;

/**
 * Reads CSV with the columns file (relative to its folder), labels and, if there is one, difficult; labels are separated by
 * semicolons, other columns are passed over. `known`: the labels of the model. Throws ConfigError that lists every problem with
 * its line.
 */
export async function readPhotoLabels(file: string, known: readonly string[]): Promise<LabelledPhoto[]> {
  const remedy =
    'give it a header with file and labels, and a line for each photo; labels are separated by ;';
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`${file} cannot be read`, [], { remedy: 'check the path', cause });
  });
  const issues: string[] = [];
  let rows;
  try {
    rows = readCsvRows(text, ['file', 'labels']);
  } catch (cause) {
    throw new ConfigError(`${file} is no list of photos`, [toCsvProblem(cause)], { remedy, cause });
  }
  const photos = rows.map(({ line, cells }) => {
    const [labels, difficult] = [split(cells['labels']), split(cells['difficult'])];
    if (cells['file'] === '') issues.push(`line ${line}: the file is empty`);
    for (const label of [...labels, ...difficult])
      if (!known.includes(label))
        issues.push(`line ${line}: ${label} is no label of the model${toHint(label, known)}`);
    const named = cells['file']!;
    return { path: isAbsolute(named) ? named : join(dirname(file), named), labels, difficult };
  });
  if (issues.length > 0)
    throw new ConfigError(`${file} cannot be used`, issues, { remedy: 'correct the lines named' });
  return photos;
}

/** Throws ConfigError when photos say too little of the judged labels; undefined: all that are written down. */
export function checkEnoughPhotos(
  file: string,
  photos: readonly LabelledPhoto[],
  judged: readonly string[] | undefined,
): void {
  const positives = photos
    .flatMap(({ labels }) => labels)
    .filter((label) => judged?.includes(label) ?? true).length;
  const issues = [
    ...(photos.length < LEAST_PHOTOS
      ? [`photos: ${photos.length}; at least ${LEAST_PHOTOS} are needed`]
      : []),
    ...(positives < LEAST_POSITIVES
      ? [`labels to be seen: ${positives}; at least ${LEAST_POSITIVES} are needed`]
      : []),
  ];
  if (issues.length === 0) return;
  throw new ConfigError(`${file} holds too little to calibrate on`, issues, { remedy: 'label more photos' });
}

function split(cell = ''): string[] {
  return cell
    .split(';')
    .map((label) => label.trim())
    .filter((label) => label !== '');
}
