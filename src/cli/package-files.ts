import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE_ROOT = new URL('../../../', import.meta.url);

/** The folder of the model package that is used when none is named. */
export const SHIPPED_MODEL = fileURLToPath(new URL('model/sgfn-nano-coco80', PACKAGE_ROOT));

/** The JSON Schema of labelcast.yaml. */
export const CONFIG_SCHEMA = fileURLToPath(new URL('docs/schema/labelcast-config.v1.json', PACKAGE_ROOT));

/** What to do about labels that come too often, too late or not at all. */
export const TUNE_DOCUMENT = fileURLToPath(new URL('docs/tune.md', PACKAGE_ROOT));

/** What a model package is, and how one is made of an ONNX file. */
export const MODEL_DOCUMENT = fileURLToPath(new URL('docs/own-model.md', PACKAGE_ROOT));

/** The version of labelcast, of its package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
