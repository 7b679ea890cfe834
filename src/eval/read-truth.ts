import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { ConfigError } from '../errors.js';
import type { Truth } from './truth.js';
import { findContradictions } from './truth-contradictions.js';
import { readTruthCsv } from './truth-csv.js';
import { readTruthJson } from './truth-json.js';
import type { PlacedSpan } from './truth-problem.js';
import { readTruthVtt } from './truth-vtt.js';

/** A truth that does not contradict itself, with the places of its segments in its file. */
export interface ReadTruth extends Truth {
  readonly file: string;
  readonly segments: readonly PlacedSpan[];
  readonly optional: readonly PlacedSpan[];
}

const READERS = { '.json': readTruthJson, '.csv': readTruthCsv, '.vtt': readTruthVtt } as const;

/** How truth files may end. */
export const TRUTH_EXTENSIONS = Object.keys(READERS) as readonly (keyof typeof READERS)[];

/**
 * Reads a truth file by what its name ends with: JSON (docs/schema/truth.v1.json), CSV (a header with start, end and label;
 * seconds or H:MM:SS.mmm) or WebVTT (a cue holds labels, on lines of their own or separated by commas). Throws ConfigError
 * that lists every problem with its line or place.
 */
export async function readTruth(file: string): Promise<ReadTruth> {
  const extension = TRUTH_EXTENSIONS.find((one) => one === extname(file).toLowerCase());
  if (extension === undefined)
    throw new ConfigError(`${file} is no truth file by its name`, [], {
      remedy: `name one that ends with ${TRUTH_EXTENSIONS.join(', ')}`,
    });
  const truth = READERS[extension](await readText(file), file);
  const issues = findContradictions(truth);
  if (issues.length === 0) return { ...truth, file };
  throw new ConfigError(`${file} contradicts itself`, issues, { remedy: 'correct the places named' });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(`the truth file ${file} ${isMissing ? 'does not exist' : 'cannot be read'}`, [], {
      remedy: isMissing ? 'check the path' : 'name a file that this user may read',
      cause,
    });
  }
}
