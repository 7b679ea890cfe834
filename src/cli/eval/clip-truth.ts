import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { ConfigError } from '../../errors.js';
import { type ReadTruth, readTruth, TRUTH_EXTENSIONS } from '../../eval/read-truth.js';

/** The truth of an input: the file named, else NAME.truth.json, .csv or .vtt beside it. Throws ConfigError. */
export function readTruthOf(input: string, named: string | undefined): Promise<ReadTruth> {
  return readTruth(named ?? findTruth(input));
}

function findTruth(input: string): string {
  const stem = input.slice(0, input.length - extname(input).length);
  const names = TRUTH_EXTENSIONS.map((extension) => `${stem}.truth${extension}`);
  const found = names.filter((name) => existsSync(name));
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new ConfigError(`there is more than one truth of ${input}`, found, {
      remedy: 'name one with --truth, or keep one',
    });
  throw new ConfigError(
    `there is no truth of ${input}`,
    names.map((name) => `${name} is not there`),
    {
      remedy: 'name it with --truth; docs/eval.md shows how truth is written',
    },
  );
}
