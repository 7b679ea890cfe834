import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeBars } from './bars.js';
import { toMarkdown } from './markdown.js';
import type { Results } from './results.js';

/** Writes results.json and results.md into the folder, each in one step, so that a killed run leaves whole files. */
export function writeResults(folder: string, results: Results): void {
  const bars = judgeBars(results);
  replace(join(folder, 'results.json'), `${JSON.stringify({ ...results, bars }, null, 1)}\n`);
  replace(join(folder, 'results.md'), toMarkdown(results, bars));
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}
