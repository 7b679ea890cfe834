// Writes the files that are made from the code; with --check: names those that are no more what it makes, exit status 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { toConfigJsonSchema } from '../dist/src/config/json-schema.js';

const made = new Map([
  ['docs/schema/labelcast-config.v1.json', `${JSON.stringify(toConfigJsonSchema(), null, 2)}\n`],
]);

for (const [file, text] of made) {
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (read(file) !== text) {
    process.stdout.write(`${file} is out of date: npm run docs\n`);
    process.exitCode = 1;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
