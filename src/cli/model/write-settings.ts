import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChosenKeys } from '../../calibrate/chosen-keys.js';
import { withSection } from '../../config/yaml.js';
import { ConfigError } from '../../errors.js';
import { type Manifest, readManifest } from '../../infer/manifest.js';
import { readModel } from '../../infer/model.js';
import { writeDocument } from '../../report/write-document.js';
import type { TagPlan } from '../tag.js';

const REMEDY = 'name another place with --write, or mend this one';

/** Writes settings down; resolves to the file. */
export type Write = (keys: ChosenKeys) => Promise<string>;

/**
 * What writes settings to a place, which is looked at first: a configuration file, which may be new, or the folder of the model
 * package of a plan; null: there is no place. Throws ConfigError when it is neither.
 */
export async function planWriting(place: string | undefined, plan: TagPlan): Promise<Write | null> {
  if (place === undefined) return null;
  const found = await stat(place).catch(() => null);
  if (found?.isDirectory()) return planManifest(place, plan);
  if (/\.ya?ml$/i.test(place)) return (keys) => writeConfig(place, keys);
  throw new ConfigError(`${place} is no place for settings`, [], {
    remedy: 'name a configuration file that ends with .yaml, or the folder of the model package',
  });
}

async function writeConfig(file: string, keys: ChosenKeys): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new ConfigError(`config file ${file} cannot be read`, [], { remedy: REMEDY, cause: error });
  });
  await writeDocument(file, withSection(text, { file, name: 'smoothing', keys: { ...keys } }), REMEDY);
  return file;
}

async function planManifest(folder: string, { model }: TagPlan): Promise<Write> {
  const { info } = await readModel(folder);
  if (info.sha256 !== model.info.sha256)
    throw new ConfigError(`${folder} is another model than the one that was calibrated`, [], {
      remedy: `calibrate it with --model ${folder}`,
    });
  const file = join(folder, 'manifest.json');
  return async (keys) => {
    const manifest = readManifest(await readFile(file, 'utf8'), file);
    await writeDocument(file, `${JSON.stringify(withKeys(manifest, keys), null, 2)}\n`, REMEDY);
    return file;
  };
}

function withKeys(manifest: Manifest, { labels, ...keys }: ChosenKeys): Manifest {
  return {
    ...manifest,
    smoothing: { ...manifest.smoothing, ...keys },
    labels: manifest.labels.map((label) => ({ ...label, ...labels[label.name] })),
  };
}
