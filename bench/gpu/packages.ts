import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '../../src/errors.js';
import { type Manifest, readManifest } from '../../src/infer/manifest.js';
import type { Precision } from './results.js';

/** A model package of one precision, which is the end of its folder's name: `NAME.fp16`; without one it is fp32. */
export interface Package {
  readonly name: string;
  readonly precision: Precision;
  readonly dir: string;
  readonly file: string;
  readonly manifest: Manifest;
}

/** What is measured where there is little time, in this order; others come last. */
const ORDER = ['sgfn-nano-coco80', 'sgfn-tresnet-l-448', 'sgfn-tresnet-m-448'];

/** The packages in a folder, smallest first of the shipped ones. Throws ConfigError when there is none. */
export function readPackages(folder: string): Package[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const packages = names.flatMap((name): Package[] => {
    const dir = join(folder, name);
    const manifestFile = join(dir, 'manifest.json');
    if (!existsSync(manifestFile)) return [];
    const manifest = readManifest(readFileSync(manifestFile, 'utf8'), manifestFile);
    const precision = name.endsWith('.fp16') ? 'fp16' : 'fp32';
    const file = join(dir, manifest.files.fp32.path);
    return [{ name: manifest.name, precision, dir, file, manifest }];
  });
  if (packages.length === 0)
    throw new ConfigError(`${folder} holds no model package`, [], {
      remedy: 'name a folder of packages with --models',
    });
  const rank = ({ name }: Package) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  return packages.sort((a, b) => rank(a) - rank(b) || a.precision.localeCompare(b.precision));
}

/** The clips in a folder, by name. Throws ConfigError when there is none. */
export function readClips(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const clips = names.filter((name) => /\.(mp4|mkv|ts)$/.test(name)).map((name) => join(folder, name));
  if (clips.length > 0) return clips;
  throw new ConfigError(`${folder} holds no clip`, [], { remedy: 'name a folder of videos with --clips' });
}

/** For tables: the file's name alone. */
export function clipName(clip: string): string {
  return basename(clip);
}
