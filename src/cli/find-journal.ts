import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '../errors.js';
import { isFolder } from './output-folder.js';

/** Where the service and `tag -o` keep their journals in a folder. */
const JOURNAL_NAMES = ['journal.db', 'labelcast.db'];

/** A file is itself; a folder, by default this one, holds one. Throws ConfigError when there is none. */
export function findJournal(where: string | undefined, configured: string | undefined): string {
  const place = resolve(where ?? configured ?? '.');
  if (!isFolder(place)) return place;
  const found = JOURNAL_NAMES.map((name) => join(place, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new ConfigError(`there is no journal in ${place} (${JOURNAL_NAMES.join(' or ')})`, [], {
    remedy: 'name one, or the folder of `labelcast tag -o`',
  });
}
