import { ConfigError } from '../../errors.js';
import type { JournalHandle } from '../../publish/journal.js';
import { toLostEvent } from '../../publish/lost-event.js';
import type { JournalRow } from '../../types.js';
import { toPrintable } from '../messages.js';
import { chooseJournal, findSink, openOwned } from './chosen-journal.js';
import type { SkipFlags } from './journal-flags.js';

/** Characters of a reason: an event has 8 KiB at most. */
const MAX_REASON = 500;

/** `labelcast journal skip`: resolves to the exit status. Throws ConfigError and PublishError; nothing is skipped then. */
export async function skip(
  id: string,
  where: string | undefined,
  { config, sink, reason = 'skipped by hand' }: SkipFlags,
): Promise<number> {
  if (reason.length > MAX_REASON)
    throw new ConfigError(`the reason has ${reason.length} characters`, [], {
      remedy: `write ${MAX_REASON} at most`,
    });
  const { path } = chooseJournal(where, config);
  await using journal = await openOwned(path);
  const row = await findUndelivered(journal, { path, id, sink });
  const lost = toLostEvent(row.event, reason);
  await journal.skip(sink, { position: row.position, json: lost === null ? null : JSON.stringify(lost) });
  const { type, data } = row.event;
  const instead =
    lost === null ? 'it has no number, so nothing takes its place' : `${lost.type} takes its place`;
  process.stderr.write(`skipped for ${sink}: ${toPrintable(`${type} of ${data.streamId}`)}; ${instead}\n`);
  return 0;
}

async function findUndelivered(
  journal: JournalHandle,
  { path, id, sink }: { readonly path: string; readonly id: string; readonly sink: string },
): Promise<JournalRow> {
  const held = await findSink(journal, path, sink);
  const row = await journal.eventOf(id);
  if (row === null)
    throw new ConfigError(`the journal ${path} holds no event ${id}`, [], {
      remedy: 'copy the id from the message of the sink',
    });
  if (row.position > held.position) return row;
  throw new ConfigError(`the sink ${sink} has event ${id} already`, [], {
    remedy: 'copy the id from the newest message of the sink',
  });
}
