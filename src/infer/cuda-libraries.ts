import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { ConfigError } from '../errors.js';

/** Names folders, as PATH does, that hold ONNX Runtime's CUDA provider and NVIDIA's libraries. */
const VARIABLE = 'LABELCAST_ORT_LIBS';
const PROVIDER = 'libonnxruntime_providers_cuda.so';

/** What a tagger process on CUDA is started with. */
export interface CudaLibraries {
  /** The file of ONNX Runtime's CUDA provider; it may be missing. */
  readonly provider: string;
  /** Folders in which NVIDIA's libraries are looked for, before those of the system. */
  readonly folders: readonly string[];
  /** To be added to the environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Where the libraries for CUDA are: each folder of LABELCAST_ORT_LIBS is searched as it is and as the folder in which Python
 * keeps packages (`onnxruntime/capi`, `nvidia/…/lib`), then the folder of the npm package. Throws ConfigError when the variable
 * names what has no provider, or one of another ONNX Runtime.
 */
export function findCudaLibraries(env: Readonly<Record<string, string | undefined>>): CudaLibraries {
  const named = (env[VARIABLE] ?? '').split(delimiter).filter((folder) => folder !== '');
  const own = onnxPackage();
  if (named.length === 0)
    return {
      provider: join(own.folder, PROVIDER),
      folders: toFolders(env['LD_LIBRARY_PATH']),
      environment: {},
    };
  const holding = named
    .flatMap((folder) => [folder, join(folder, 'onnxruntime/capi')])
    .find((folder) => existsSync(join(folder, PROVIDER)));
  const folders = [...named.flatMap(toLibraryFolders), ...toFolders(env['LD_LIBRARY_PATH'])];
  const environment = { LD_LIBRARY_PATH: folders.join(delimiter) };
  if (holding === undefined) {
    if (existsSync(join(own.folder, PROVIDER)))
      return { provider: join(own.folder, PROVIDER), folders, environment };
    throw new ConfigError(`${VARIABLE} holds no ${PROVIDER}: ${named.join(', ')}`, [], {
      remedy: toInstall(own.version),
    });
  }
  const runtime = findRuntime(holding, own.version);
  if (/[\s:]/.test(runtime))
    throw new ConfigError(
      `${VARIABLE}: ${holding} has a blank in its name, which the dynamic linker splits at`,
      [],
      {
        remedy: 'move it to a folder without one',
      },
    );
  // the provider is looked for beside the runtime that is loaded, so that one goes before the npm package's
  const preload = [runtime, env['LD_PRELOAD']].filter((file) => file !== undefined && file !== '');
  return {
    provider: join(holding, PROVIDER),
    folders,
    environment: { ...environment, LD_PRELOAD: preload.join(delimiter) },
  };
}

/** How to get the libraries for CUDA. */
export function toCudaRemedy(): string {
  return `${toInstall(onnxPackage().version)}, or use --device cpu`;
}

function toInstall(version: string): string {
  return `pip install --target DIR 'onnxruntime-gpu[cuda,cudnn]==${version}' and set ${VARIABLE}=DIR`;
}

function findRuntime(folder: string, version: string): string {
  const name = readdirSync(folder).find((file) => /^libonnxruntime\.so(\.[0-9.]+)?$/.test(file));
  const remedy = toInstall(version);
  if (name === undefined)
    throw new ConfigError(`there is no libonnxruntime.so beside ${join(folder, PROVIDER)}`, [], { remedy });
  const file = join(folder, name);
  const bytes = readFileSync(file); // 30 MB
  if (bytes.includes(`VERS_${version}`)) return file;
  const found = /VERS_(\d+\.\d+\.\d+)/.exec(bytes.toString('latin1'))?.[1] ?? 'unknown';
  throw new ConfigError(`${file} is ONNX Runtime ${found}, and labelcast uses ${version}`, [], { remedy });
}

function toLibraryFolders(folder: string): string[] {
  const nvidia = join(folder, 'nvidia');
  const packages = existsSync(nvidia) ? readdirSync(nvidia).sort() : [];
  return [folder, ...packages.map((name) => join(nvidia, name, 'lib')).filter((lib) => existsSync(lib))];
}

function toFolders(path: string | undefined): string[] {
  return (path ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** The npm package, of which nothing is loaded here: that is for the tagger process. */
function onnxPackage(): { readonly folder: string; readonly version: string } {
  const require = createRequire(import.meta.url);
  const file = require.resolve('onnxruntime-node/package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return { folder: join(dirname(file), 'bin/napi-v6', process.platform, process.arch), version };
}
