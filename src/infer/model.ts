import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InferError } from '../errors.js';
import type { ModelInfo, ModelInput } from '../types.js';
import { type Manifest, readManifest } from './manifest.js';

/** A model package whose files were checked. */
export interface Model {
  readonly manifest: Manifest;
  /** Absolute path of the model file that runs. */
  readonly file: string;
  readonly info: ModelInfo;
  readonly input: ModelInput;
}

const WHOLE = 'get the whole package again, or name another with --model';

/**
 * Reads a package's manifest and checks its model file against it. Throws InferError when a file is missing, empty
 * or not the one the manifest names, ConfigError when the manifest itself is wrong.
 */
export async function readModel(dir: string): Promise<Model> {
  const manifestFile = join(dir, 'manifest.json');
  const manifest = readManifest(await readText(manifestFile, dir), manifestFile);
  const { path, sha256: stated } = manifest.files.fp32;
  const file = resolve(dir, path);
  const sha256 = await hashFile(file);
  if (sha256 !== stated) {
    throw new InferError(`${file} is not the model of its manifest: sha256 ${sha256}, stated ${stated}`, {
      remedy: WHOLE,
    });
  }
  const labels = manifest.labels.map((label) => label.name);
  return {
    manifest,
    file,
    info: { name: manifest.name, version: manifest.version, sha256, labels },
    input: manifest.input,
  };
}

async function readText(file: string, dir: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new InferError(`no model package in ${dir}: manifest.json ${toReason(cause)}`, {
      remedy: 'name the folder of a model package with --model',
      cause,
    });
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (cause) {
    throw new InferError(`the model file ${file} ${toReason(cause)}`, { remedy: WHOLE, cause });
  }
  if (sizeBytes === 0) throw new InferError(`the model file ${file} is empty`, { remedy: WHOLE });
  return hash.digest('hex');
}

function toReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  return code === 'EACCES' ? 'may not be read by this user' : 'cannot be read';
}
