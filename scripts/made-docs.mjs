// Writes the files that are made from the code; with --check: names those that are no more what it makes, exit status 1.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { toConfigJsonSchema } from '../dist/src/config/json-schema.js';
import { toTruthJsonSchema } from '../dist/src/eval/truth-schema.js';
import { toManPages } from './man-pages.mjs';

const isCheck = process.argv.includes('--check');
/** Of the pages; the committed one holds until a page changes. */
const date = /^\.TH \S+ 1 (\S+)/m.exec(read('man/labelcast.1') ?? '')?.[1] ?? today();
const pages = toManPages(date);
const isNew = pages.some(([file, text]) => read(file) !== text);

const made = new Map([
  ['docs/schema/labelcast-config.v1.json', toText(toConfigJsonSchema())],
  ['docs/schema/truth.v1.json', toText(toTruthJsonSchema())],
  ...(isNew && !isCheck ? toManPages(today()) : pages),
]);
mkdirSync('man', { recursive: true });
const old = readdirSync('man').map((file) => `man/${file}`);
const stale = [...made].filter(([file, text]) => read(file) !== text);
const left = old.filter((file) => !made.has(file));

if (isCheck) {
  const files = [...stale.map(([file]) => file), ...left];
  for (const file of files) process.stdout.write(`${file} is out of date: npm run docs\n`);
  process.exitCode = files.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of stale) writeFileSync(file, text);
  for (const file of left) rmSync(file);
}

function toText(schema) {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
