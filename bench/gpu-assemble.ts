// Makes a folder that measures a bare Linux machine without network (its run.sh): Node.js, ffmpeg, labelcast as it is built here,
// models, clips and CUDA's libraries, all from npm, PyPI and this clone; if asked for, also in pieces that can be carried.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/errors.js';
import { findFfmpeg } from '../src/ingest/ffmpeg-build.js';
import { runBench } from './common/run-bench.js';
import { renderClip720p } from './clip-720p.js';
import { carryModels, MODELS } from './gpu/carried-models.js';
import { carryCudaLibraries, carryLabelcast } from './gpu/carried-packages.js';
import { readClips } from './gpu/packages.js';
import { packPieces, readSize } from './gpu/pieces.js';

const USAGE = `npm run bench:gpu:assemble -- --to FOLDER [--without-cuda-runtime | --without-cuda] [--models ${MODELS.join(',')}]
    [--videos FOLDER] [--pieces 60MiB] [--python FILE] [--node FILE] [--ffmpeg FILE]`;
const CLIP_SECONDS = 60;
const PATTERN = 'testsrc2=size=1920x1080:rate=30';
const PATTERN_SECONDS = 20;

const NOTICE = `Assembled from public registries for measuring; not meant to be passed on.
labelcast, its packages and its model: labelcast/LICENSE, labelcast/NOTICE, and the licence of each in labelcast/node_modules.
bin/node: MIT and others. bin/ffmpeg: GPL (the build of the Python package imageio-ffmpeg).
libs/onnxruntime: MIT. libs/nvidia: NVIDIA's licence for its CUDA and cuDNN libraries.
`;

await runBench(main);

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const flags = readFlags();
  const { to, pieceBytes } = flags;
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new ConfigError(`${to} is not empty`, [], { remedy: 'name a new folder with --to' });
  for (const name of ['bin', 'models', 'clips']) mkdirSync(join(to, name), { recursive: true });
  copyProgram(flags.node, join(to, 'bin/node'));
  copyProgram((await findFfmpeg(flags.ffmpeg, {})).path, join(to, 'bin/ffmpeg'));
  say('labelcast and its packages');
  carryLabelcast(join(to, 'labelcast'));
  say(`models: ${flags.models.join(', ')}`);
  carryModels(join(to, 'models'), flags.models, flags.python);
  say('clips');
  carryClips(join(to, 'clips'), flags.videos);
  if (flags.cuda !== 'none') {
    say("CUDA's libraries");
    carryCudaLibraries(join(to, 'libs'), flags.cuda);
  }
  copyProgram('bench/gpu/run.sh', join(to, 'run.sh'));
  writeFileSync(join(to, 'NOTICE.txt'), NOTICE);
  process.stdout.write(execFileSync('du', ['-smc', ...readdirSync(to)], { cwd: to }));
  if (pieceBytes === null) return;
  say('pieces');
  const pieces = await packPieces(to, `${to}.pieces`, pieceBytes);
  const total = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  process.stdout.write(`${pieces.length} pieces, ${(total / 2 ** 20).toFixed(0)} MiB, in ${to}.pieces\n`);
}

/** Its names are in the order in which they are used: decoding, files and live streams are measured with the first. */
function carryClips(folder: string, videos: string | null): void {
  renameSync(renderClip720p(folder, CLIP_SECONDS), join(folder, '1-demo-720p.mp4'));
  rmSync(join(folder, 'once.mp4'));
  const args = ['-v', 'error', '-f', 'lavfi', '-i', PATTERN, '-t', String(PATTERN_SECONDS)];
  const coding = '-c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -y'.split(' ');
  execFileSync('ffmpeg', [...args, ...coding, join(folder, '2-pattern-1080p.mp4')]);
  for (const video of videos === null ? [] : readClips(videos))
    copyFileSync(video, join(folder, `3-${basename(video)}`));
}

function copyProgram(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

function readFlags() {
  const text = { type: 'string' } as const;
  const options = {
    to: text,
    node: text,
    ffmpeg: text,
    videos: text,
    pieces: text,
    python: { type: 'string', default: 'model/.venv/bin/python' } as const,
    models: { type: 'string', default: MODELS.join(',') } as const,
    'without-cuda': { type: 'boolean', default: false } as const,
    'without-cuda-runtime': { type: 'boolean', default: false } as const,
  };
  const values = parse(() => parseArgs({ options }).values);
  const { to, node, ffmpeg, pieces, python } = values;
  if (to === undefined || node === undefined || ffmpeg === undefined)
    throw new ConfigError('--to, --node and --ffmpeg are needed; there is', [USAGE.replaceAll(/\s+/g, ' ')]);
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new ConfigError(
      `the folder is for Linux x64 and is made there, this is ${process.platform} ${process.arch}`,
    );
  const models = values.models.split(',');
  const strange = models.find((name) => !MODELS.includes(name));
  if (strange !== undefined)
    throw new ConfigError(`there is no model ${strange} to carry; there is`, [USAGE.replaceAll(/\s+/g, ' ')]);
  const cuda = values['without-cuda'] ? 'none' : values['without-cuda-runtime'] ? 'provider' : 'all';
  return {
    to: resolve(to),
    node,
    ffmpeg,
    python,
    models,
    cuda: cuda as 'none' | 'provider' | 'all',
    videos: values.videos ?? null,
    pieceBytes: pieces === undefined ? null : readSize(pieces),
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}; there is`, [USAGE.replaceAll(/\s+/g, ' ')]);
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
