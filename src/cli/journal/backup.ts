import { resolve } from 'node:path';
import { backUpJournal } from '../../publish/journal-backup.js';
import { toPrintable } from '../messages.js';
import { chooseJournal } from './chosen-journal.js';
import type { BackupFlags } from './journal-flags.js';
import { toCount, toSize } from './quantities.js';

/** `labelcast journal backup`: resolves to the exit status. Throws ConfigError and PublishError when there is no copy. */
export async function backup(
  file: string,
  where: string | undefined,
  { config, force = false }: BackupFlags,
): Promise<number> {
  const { path } = chooseJournal(where, config);
  const target = resolve(file);
  const { events, bytes } = await backUpJournal(path, target, { isReplacing: force });
  process.stderr.write(`written: ${toPrintable(target)}, ${toCount(events, 'event')}, ${toSize(bytes)}\n`);
  return 0;
}
