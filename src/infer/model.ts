import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InferError } from '../errors.js';
import type { ModelInfo, ModelInput } from '../types.js';
import { type Manifest, readManifest } from './manifest.js';
import type { ModelFile, OpenRequest } from './tagger-messages.js';

/** A model package whose files were checked. */
export interface Model {
  readonly manifest: Manifest;
  /** Absolute path of the model file that runs. */
  readonly file: string;
  /** Files that hold weights of it, with the names by which it asks for them. */
  readonly data: OpenRequest['data'];
  readonly info: ModelInfo;
  readonly input: ModelInput;
}

const IMPORT = 'make one of an ONNX file with labelcast model import, and name its folder';

/**
 * Reads a package's manifest and checks its model file against it. Throws InferError when a file is missing, empty
 * or not the one the manifest names, ConfigError when the manifest itself is wrong. `how` another package is named is part of
 * what to do about it.
 */
export async function readModel(
  dir: string,
  how: 'with --model' | 'in its place' = 'with --model',
): Promise<Model> {
  const manifestFile = join(dir, 'manifest.json');
  const manifest = readManifest(await readText(manifestFile, { dir, how }), manifestFile);
  const model = toModel(manifest, dir);
  const { file } = model;
  const remedy = `get the whole package again, or name another ${how}`;
  for (const one of [{ file, sha256: manifest.files.fp32.sha256 }, ...model.data]) await check(one, remedy);
  return model;
}

/** The model of a manifest whose files lie in `dir`; they are not looked at. */
export function toModel(manifest: Manifest, dir: string): Model {
  const { path, data = [] } = manifest.files.fp32;
  const labels = manifest.labels.map((label) => label.name);
  return {
    manifest,
    file: resolve(dir, path),
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

async function check({ file, sha256: stated }: ModelFile, remedy: string): Promise<void> {
  const sha256 = await hashFile(file, remedy);
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
    throw new InferError(`no model package in ${dir}: manifest.json ${toReason(cause)}`, {
      remedy: /\.onnx$/i.test(dir) ? IMPORT : `name the folder of a model package ${how}`,
      cause,
    });
  }
}

/** The sha256 of a file, hexadecimal. Throws InferError with the remedy when it cannot be read or is empty. */
export async function hashFile(file: string, remedy: string): Promise<string> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
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
