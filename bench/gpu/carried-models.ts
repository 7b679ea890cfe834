import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/errors.js';
import { type Manifest, readManifest } from '../../src/infer/manifest.js';
import type { Precision } from './results.js';

const SHIPPED = 'model/sgfn-nano-coco80';
/** By their configurations in model/sgfn/configurations. */
const UNTRAINED = ['sgfn-tresnet-m-448', 'sgfn-tresnet-l-448'] as const;

export const MODELS: readonly string[] = ['sgfn-nano-coco80', ...UNTRAINED];

/**
 * Writes a package of each model and precision into the folder, `NAME.fp32` and `NAME.fp16`: the shipped one, and networks with
 * untrained weights, whose speed is that of trained ones. `python`: that of model/setup.sh. Throws ConfigError when it is missing,
 * Error when it fails.
 */
export function carryModels(folder: string, names: readonly string[], python: string): void {
  if (!existsSync(python))
    throw new ConfigError(`${python} is missing, by which models are exported`, [], {
      remedy: 'run model/setup.sh, or name a Python that has its packages with --python',
    });
  for (const name of names) {
    if (name === MODELS[0]) carryShipped(folder, python);
    else carryUntrained(folder, name, python);
  }
}

function carryShipped(folder: string, python: string): void {
  const manifest = readShipped();
  const { fp32, fp16 } = manifest.files;
  writePackage(folder, manifest, 'fp32', join(SHIPPED, fp32.path));
  if (fp16 !== undefined) return writePackage(folder, manifest, 'fp16', join(SHIPPED, fp16.path));
  withExported(join(SHIPPED, fp32.path), python, (made) =>
    writePackage(folder, manifest, 'fp16', join(made, 'model.fp16.onnx')),
  );
}

function carryUntrained(folder: string, name: string, python: string): void {
  const shipped = readShipped();
  withExported(name, python, (made, said) => {
    const { size } = JSON.parse(said) as { size: number };
    const input: Manifest['input'] = { ...shipped.input, width: size, height: size, resize: 'squash' };
    const manifest: Manifest = {
      ...shipped,
      name,
      version: '0.0.0',
      input,
      trainedOn: 'nothing',
      metrics: [],
    };
    for (const precision of ['fp32', 'fp16'] as const)
      writePackage(folder, manifest, precision, join(made, `model.${precision}.onnx`));
  });
}

function readShipped(): Manifest {
  const file = join(SHIPPED, 'manifest.json');
  return readManifest(readFileSync(file, 'utf8'), file);
}

/** Each precision is a package of its own, so that which one runs is never a matter of choice. */
function writePackage(folder: string, manifest: Manifest, precision: Precision, file: string): void {
  const dir = join(folder, `${manifest.name}.${precision}`);
  mkdirSync(dir, { recursive: true });
  copyFileSync(file, join(dir, 'model.onnx'));
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const files = { fp32: { path: 'model.onnx', sha256 } };
  writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify({ ...manifest, files }, null, 1)}\n`);
}

function withExported(source: string, python: string, use: (folder: string, said: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-export-'));
  try {
    const said = execFileSync(python, ['bench/gpu/models.py', source, folder], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: 'model' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    use(folder, said);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
