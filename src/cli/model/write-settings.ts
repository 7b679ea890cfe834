import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ChosenKeys, isEmpty, toChosenKeys } from '../../calibrate/chosen-keys.js';
import { resolveSmoothing } from '../../config/smoothing.js';
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
 * What writes settings to a place, which is looked at first: the configuration file that is calibrated, a new one where there is
 * none, or the folder of the model package of a plan; null: there is no place. Throws ConfigError when it is another, or cannot
 * be written.
 */
export async function planWriting(
  { write: place, config }: { readonly write?: string; readonly config?: string },
  plan: TagPlan,
): Promise<Write | null> {
  if (place === undefined) return null;
  const found = await stat(place).catch(() => null);
  if (found?.isDirectory()) return planManifest(place, plan);
  if (/\.ya?ml$/i.test(place)) return planConfig(place, { config, isThere: found !== null });
  throw new ConfigError(`${place} is no place for settings`, [], {
    remedy: 'name a configuration file that ends with .yaml, or the folder of the model package',
  });
}

/** Only what differs from the settings in force is written, so they must be those of the file. */
async function planConfig(
  file: string,
  { config, isThere }: { readonly config: string | undefined; readonly isThere: boolean },
): Promise<Write> {
  const isSame = config !== undefined && (await toReal(config)) === (await toReal(file));
  if (!isSame && (isThere || config !== undefined))
    throw new ConfigError(`${file} is not the configuration that is calibrated`, [], {
      remedy: isThere ? `calibrate it with -c ${file}` : 'name the same file with -c and --write',
    });
  await checkWritable(dirname(resolve(file)));
  const lay = async (keys: ChosenKeys): Promise<string> =>
    withSection(isThere ? await readText(file) : '', { file, name: 'smoothing', keys: { ...keys } });
  await lay({ labels: {} });
  return async (keys) => {
    await writeDocument(file, await lay(keys), REMEDY);
    return file;
  };
}

function toReal(file: string): Promise<string> {
  return realpath(file).catch(() => resolve(file));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`config file ${file} cannot be read`, [], { remedy: REMEDY, cause });
  }
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(`nothing can be written in ${folder}`, [], { remedy: REMEDY, cause });
  }
}

async function planManifest(folder: string, { model, smoothing, labels }: TagPlan): Promise<Write> {
  const { info, manifest: own } = await readModel(folder);
  if (info.sha256 !== model.info.sha256)
    throw new ConfigError(`${folder} is another model than the one that was calibrated`, [], {
      remedy: `calibrate it with --model ${folder}`,
    });
  const names = labels.map(({ name }) => name);
  const shipped = resolveSmoothing(own, { labels: {}, resumeToleranceMs: 0 }, names);
  if (!isEmpty(toChosenKeys(shipped, smoothing, names)))
    throw new ConfigError(`the settings in force are not those of ${folder}`, [], {
      remedy: `calibrate it with --model ${folder}, without a configuration that changes smoothing`,
    });
  await checkWritable(folder);
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
