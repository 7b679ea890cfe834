import { statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toConfigTemplate } from '../config/template.js';
import { ConfigError } from '../errors.js';
import { writeDocument } from '../report/write-document.js';
import { toPrintable } from './messages.js';
import { isFolder } from './output-folder.js';
import { CONFIG_SCHEMA } from './package-files.js';
import { toShellWord } from './shell-word.js';

const NAME = 'labelcast.yaml';

/**
 * `labelcast init`: writes a configuration that explains every key and sets none to a file, into a folder, or with `-` to
 * standard output. Throws ConfigError when the file is there already, PublishError when it cannot be written.
 */
export async function init(place: string, { force }: { readonly force?: boolean }): Promise<void> {
  if (place === '-') {
    process.stdout.write(toConfigTemplate(toSchemaPlace(process.cwd())));
    return;
  }
  const shown = isFolder(place) ? join(place, NAME) : place;
  const file = resolve(shown);
  const old = statSync(file, { throwIfNoEntry: false });
  if (old !== undefined && !(force && old.isFile())) throw refuse(shown, old.isFile());
  await writeDocument(
    file,
    toConfigTemplate(toSchemaPlace(dirname(file))),
    'name another file, or mend this',
  );
  process.stderr.write(
    `${toPrintable(shown)} is written; add a stream, then: labelcast serve -c ${toPrintable(toShellWord(shown))} --check\n`,
  );
}

function refuse(file: string, isFile: boolean): ConfigError {
  if (!isFile) return new ConfigError(`${file} is no file`, [], { remedy: 'name another one' });
  return new ConfigError(`${file} is there already`, [], {
    remedy: 'name another file, or replace it with --force',
  });
}

/**
 * Where the schema is, for a file in a folder; relative where that leads down from there, so that it holds on other machines
 * too. null: it is in the cache of npx, and will not be there for long.
 */
export function toSchemaPlace(folder: string, schema: string = CONFIG_SCHEMA): string | null {
  const path = relative(folder, schema);
  const isBelow = !path.startsWith('..') && path !== schema;
  if (isBelow && !/\s/.test(path)) return `./${path.split(sep).join('/')}`;
  if (schema.split(sep).includes('_npx')) return null;
  return /\s/.test(schema) ? pathToFileURL(schema).href : schema;
}
