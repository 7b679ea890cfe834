import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, InferError } from '../errors.js';
import type { ModelInfo, ModelInput } from '../types.js';
import { type Manifest, readManifest } from './manifest.js';
import type { ModelFile, OpenRequest, Provider } from './tagger-messages.js';

/** A model package whose files were checked. */
export interface Model {
  readonly manifest: Manifest;
  /** Absolute path of the package's folder. */
  readonly dir: string;
  /** Absolute path of the model file that runs. */
  readonly file: string;
  /** Of that file, hexadecimal. */
  readonly fileSha256: string;
  /** Files that hold weights of it, with the names by which it asks for them. */
  readonly data: OpenRequest['data'];
  readonly info: ModelInfo;
  readonly input: ModelInput;
}

const IMPORT = 'make one of an ONNX file with labelcast model import, and name its folder';

/**
 * Reads a package's manifest and checks its model file against it. Throws InferError when a file is missing, empty
 * or not the one the manifest names, or when `signal` aborts, ConfigError when the manifest itself is wrong. `how` another package
 * is named is part of what to do about it.
 */
export async function readModel(
  dir: string,
  how: 'with --model or model.path' | 'in its place' = 'with --model or model.path',
  signal: AbortSignal = new AbortController().signal,
): Promise<Model> {
  const manifestFile = join(dir, 'manifest.json');
  const manifest = readManifest(await readText(manifestFile, { dir, how }), manifestFile);
  const model = toModel(manifest, dir);
  const remedy = `get the whole package again, or name another ${how}`;
  const { fp16, int8 } = manifest.files;
  const others = [fp16, int8].filter((one) => one !== undefined);
  const files = [manifest.files.fp32, ...others].map(({ path, sha256 }) => ({
    file: join(dir, path),
    sha256,
  }));
  for (const one of [...files, ...model.data]) await check(one, remedy, signal);
  return model;
}

/** How exact the numbers in a model are; `auto`: 16 bits on CUDA where the package has them, else 32. */
export type Precision = 'auto' | 'fp32' | 'fp16';

/** The model with the file of it that is to run on a provider. Throws ConfigError when there is none. */
export function toPrecision(model: Model, precision: Precision, provider: Provider): Model {
  const { manifest, dir } = model;
  const half = manifest.files.fp16;
  if (precision === 'fp32' || (precision === 'auto' && (provider !== 'cuda' || half === undefined)))
    return model;
  if (half === undefined)
    throw new ConfigError(`the model package ${dir} has no file in 16 bits`, [], {
      remedy: 'use precision fp32, or make one: model/README.md, sgfn.quantize',
    });
  const variant = { ...manifest, files: { ...manifest.files, fp32: half } };
  return { ...toModel(variant, dir), manifest };
}

/** The model of a manifest whose files lie in `dir`; they are not looked at. */
export function toModel(manifest: Manifest, dir: string): Model {
  const { path, sha256, data = [] } = manifest.files.fp32;
  const labels = manifest.labels.map((label) => label.name);
  return {
    manifest,
    dir: resolve(dir),
    file: resolve(dir, path),
    fileSha256: sha256,
    data: data.map((one) => ({ ...one, file: resolve(dir, one.path) })),
    info: { name: manifest.name, version: manifest.version, sha256: toSha256(manifest), labels },
    input: manifest.input,
  };
}

/** That of the model file; where a prelude or other files decide scores too, one of all of them and of how frames are made. */
function toSha256({ files, prelude, input }: Manifest): string {
  const { sha256, data = [] } = files.fp32;
  if (prelude === undefined && data.length === 0) return sha256;
  const settings = [prelude ?? {}, input].map((part) =>
    Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const parts = [sha256, data.map((one) => [one.path, one.sha256]), ...settings];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function check(
  { file, sha256: stated }: ModelFile,
  remedy: string,
  signal: AbortSignal,
): Promise<void> {
  const sha256 = await hashFile(file, remedy, signal);
  if (sha256 === stated) return;
  throw new InferError(`${file} is not the model of its manifest: sha256 ${sha256}, stated ${stated}`, {
    remedy,
  });
}

async function readText(
  file: string,
  { dir, how }: { readonly dir: string; readonly how: string },
): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new InferError(`no model package in ${resolve(dir)}: manifest.json ${toReason(cause)}`, {
      remedy: /\.onnx$/i.test(dir) ? IMPORT : `name the folder of a model package ${how}`,
      cause,
    });
  }
}

/** The sha256 of a file, hexadecimal. Throws InferError with the remedy when it cannot be read or is empty, or `signal` aborts. */
export async function hashFile(file: string, remedy: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (cause) {
    throw new InferError(`the model file ${file} ${toReason(cause)}`, { remedy, cause });
  }
  if (sizeBytes === 0) throw new InferError(`the model file ${file} is empty`, { remedy });
  return hash.digest('hex');
}

function toReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  return code === 'EACCES' ? 'may not be read by this user' : 'cannot be read';
}
