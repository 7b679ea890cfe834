import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `bench gpu` is made of, beside what the package publishes. */
const PROGRAMS = ['gpu.js', 'common/raw-frames.js', 'common/run-bench.js', 'live/scrape.js'];

/**
 * Unpacks the tarball of the built clone into the folder, with its production packages by the lock file, without other platforms'
 * libraries, and with the program of `bench gpu`. Throws Error when npm fails.
 */
export function carryLabelcast(folder: string): void {
  const packed = mkdtempSync(join(tmpdir(), 'labelcast-pack-'));
  try {
    // it is built: scripts would build it again
    quietly('npm', ['pack', '--ignore-scripts', '--pack-destination', packed]);
    const [tarball] = readdirSync(packed);
    mkdirSync(folder, { recursive: true });
    quietly('tar', ['-xzf', join(packed, tarball!), '--strip-components', '1', '-C', folder]);
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
  for (const file of ['package-lock.json', '.npmrc']) copyFileSync(file, join(folder, file));
  quietly('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]);
  const modules = join(folder, 'node_modules');
  keepOnly(join(modules, 'onnxruntime-node/bin/napi-v6'), 'linux');
  keepOnly(join(modules, 'onnxruntime-node/bin/napi-v6/linux'), 'x64');
  keepOnly(join(modules, '@ffmpeg-installer'), 'ffmpeg');
  const programs = join(folder, 'dist/bench');
  for (const file of PROGRAMS) cpSync(join('dist/bench', file), join(programs, file));
  cpSync('dist/bench/gpu', join(programs, 'gpu'), {
    recursive: true,
    filter: (path) => !path.endsWith('.d.ts'),
  });
}

/**
 * Fetches ONNX Runtime's CUDA provider from PyPI, of the version of the npm package, into the folder, which then is one for
 * LABELCAST_ORT_LIBS; with `all` also NVIDIA's libraries that it asks for. Throws Error when pip fails.
 */
export function carryCudaLibraries(folder: string, which: 'provider' | 'all'): void {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8')) as {
    version: string;
  };
  const wanted =
    which === 'all'
      ? [`onnxruntime-gpu[cuda,cudnn]==${version}`]
      : ['--no-deps', `onnxruntime-gpu==${version}`];
  const quiet = ['-q', '--disable-pip-version-check', '--no-compile', '--only-binary', ':all:'];
  quietly('python3', ['-m', 'pip', 'install', ...quiet, '--target', folder, ...wanted]);
  for (const name of readdirSync(folder))
    if (name !== 'onnxruntime' && name !== 'nvidia') rmSync(join(folder, name), { recursive: true });
  keepOnly(join(folder, 'onnxruntime'), 'capi');
  const capi = join(folder, 'onnxruntime/capi');
  for (const name of readdirSync(capi))
    if (!/^libonnxruntime(\.so|_providers_(cuda|shared)\.so)/.test(name))
      rmSync(join(capi, name), { recursive: true });
}

function keepOnly(folder: string, name: string): void {
  for (const other of readdirSync(folder))
    if (other !== name) rmSync(join(folder, other), { recursive: true });
}

function quietly(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
