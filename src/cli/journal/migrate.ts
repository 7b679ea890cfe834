import { dirname } from 'node:path';
import { readFreeBytes } from '../../publish/disk-room.js';
import { ConfigError } from '../../errors.js';
import { toPrintable } from '../messages.js';
import { chooseJournal, openOwned } from './chosen-journal.js';
import type { MigrateFlags } from './journal-flags.js';
import { toSize } from './quantities.js';

/** `labelcast journal migrate`: resolves to the exit status. Throws ConfigError and PublishError; what the journal holds is then as it was. */
export async function migrate(where: string | undefined, { config }: MigrateFlags): Promise<number> {
  const { path } = chooseJournal(where, config);
  // beside the journal, as the room that is asked for: SQLite would take TMPDIR or /var/tmp, often a small disk
  process.env['SQLITE_TMPDIR'] = dirname(path);
  await using journal = await openOwned(path);
  const before = await journal.summary();
  const isNewer = before.version < before.newestVersion;
  if (!before.isGivenBack) {
    checkRoom(path, before.usedBytes);
    await journal.rewrite();
  }
  const after = await journal.summary();
  const version = isNewer
    ? `version ${before.version} is now ${after.newestVersion}`
    : `version ${before.version} is the newest`;
  const size = before.isGivenBack
    ? 'it gives space back already'
    : `${toSize(before.bytes)} became ${toSize(after.bytes)}, and space is given back from now on`;
  process.stderr.write(`${toPrintable(path)}: ${version}; ${size}\n`);
  return 0;
}

/** It is written twice before the old pages go: to a temporary file, and to the log. */
function checkRoom(path: string, usedBytes: number): void {
  const free = readFreeBytes(dirname(path));
  const needed = 2 * usedBytes;
  if (free >= needed) return;
  throw new ConfigError(`the disk of ${path} has ${toSize(free)} left`, [], {
    remedy: `make room for ${toSize(needed)}, in which the journal is written anew`,
  });
}
