// `npm run bench [name…]`: builds, then runs the benchmarks of bench/ that are named, or the usual ones, one after another.
// `npm run bench truth -- STEP [option…]`: what follows the name is its own, as with the others that take options.
import { existsSync, readdirSync } from 'node:fs';
import {
  build,
  ensureChromium,
  ensureCurrentFfmpeg,
  ensureKafka,
  ensureNode,
  ensureScript,
  ensureSystemPackages,
  ensureToxiproxy,
  fail,
  run,
} from './setup.mjs';

const USUAL = ['throughput', 'pipe', 'smoother', 'journal', 'drain', 'live', 'report', 'progress'];
/**
 * Only when named: `delivery` takes a quarter of an hour, `soak` a half, `pixels` five minutes, `script` needs OpenCV, `truth` and
 * `smoothing` labelled photos, `replay` a config, `pixels-nv12` model/.venv, `gpu` is for a GPU.
 */
const LONG = [
  'delivery',
  'soak',
  'script',
  'truth',
  'smoothing',
  'replay',
  'pixels',
  'pixels-nv12',
  'gpu',
  'gpu-assemble',
];
const words = process.argv.slice(2);
const takesOptions = ['delivery', 'truth', 'smoothing', 'replay', 'gpu', 'gpu-assemble'].includes(words[0]);
const names = takesOptions ? words.slice(0, 1) : words.length > 0 ? words : USUAL;
const options = takesOptions ? words.slice(1) : [];

ensureSystemPackages({ ffmpeg: ['ffmpeg', '-version'] });
if (names.some((name) => ['delivery', 'drain', 'live', 'soak'].includes(name))) ensureKafka();
if (names.includes('delivery')) ensureToxiproxy();
if (names.includes('script')) ensureScript();
if (names.includes('gpu-assemble') && !options.includes('--help')) options.push(...carriedPrograms());
if (names.includes('report')) ensureChromium();
build();
for (const name of names) {
  const file = `dist/bench/${name}.js`;
  if (!existsSync(file))
    fail(`no benchmark is called ${name}; there are: ${[...USUAL, ...LONG].join(', ')}`, 2);
  process.stdout.write(`\n== ${name}\n`);
  run(process.execPath, [file, ...options]);
}

/** Programs that another machine runs: Node.js of npm and the current ffmpeg of PyPI. */
function carriedPrograms() {
  ensureCurrentFfmpeg();
  const folder = '.cache/ffmpeg-current/imageio_ffmpeg/binaries';
  const ffmpeg = readdirSync(folder).find((name) => name.startsWith('ffmpeg-'));
  return ['--node', ensureNode(24), '--ffmpeg', `${folder}/${ffmpeg}`];
}
