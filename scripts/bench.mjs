// `npm run bench [name…]`: builds, then runs every benchmark in bench/ (or those named), one after another.
import { existsSync } from 'node:fs';
import { build, ensureSystemPackages, fail, run } from './setup.mjs';

const ALL = ['throughput', 'pipe', 'smoother', 'journal', 'live'];
const names = process.argv.length > 2 ? process.argv.slice(2) : ALL;

ensureSystemPackages({ ffmpeg: ['ffmpeg', '-version'] });
build();
for (const name of names) {
  const file = `dist/bench/${name}.js`;
  if (!existsSync(file)) fail(`no benchmark is called ${name}; there are: ${ALL.join(', ')}`, 2);
  process.stdout.write(`\n== ${name}\n`);
  run(process.execPath, [file]);
}
