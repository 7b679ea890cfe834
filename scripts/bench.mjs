// `npm run bench [name…]`: builds, then runs the benchmarks of bench/ that are named, or the usual ones, one after another.
import { existsSync } from 'node:fs';
import {
  build,
  ensureChromium,
  ensureKafka,
  ensureScript,
  ensureSystemPackages,
  fail,
  run,
} from './setup.mjs';

const USUAL = ['throughput', 'pipe', 'smoother', 'journal', 'live', 'report', 'progress'];
/** Only when named: `delivery` takes a quarter of an hour, `soak` a half, `script` needs OpenCV. */
const LONG = ['delivery', 'soak', 'script'];
const names = process.argv.length > 2 ? process.argv.slice(2) : USUAL;

ensureSystemPackages({ ffmpeg: ['ffmpeg', '-version'] });
if (names.some((name) => ['delivery', 'live', 'soak'].includes(name))) ensureKafka();
if (names.includes('script')) ensureScript();
if (names.includes('report')) ensureChromium();
build();
for (const name of names) {
  const file = `dist/bench/${name}.js`;
  if (!existsSync(file))
    fail(`no benchmark is called ${name}; there are: ${[...USUAL, ...LONG].join(', ')}`, 2);
  process.stdout.write(`\n== ${name}\n`);
  run(process.execPath, [file]);
}
