import { ConfigError } from '../../errors.js';
import { chooseJournal, findSink, openOwned } from './chosen-journal.js';
import type { RewindFlags } from './journal-flags.js';
import { toCount } from './quantities.js';

/** `labelcast journal rewind`: resolves to the exit status. Throws ConfigError and PublishError; nothing is changed then. */
export async function rewind(where: string | undefined, { config, sink, to }: RewindFlags): Promise<number> {
  const { path } = chooseJournal(where, config);
  await using journal = await openOwned(path);
  const held = await findSink(journal, path, sink);
  const position = await journal.positionBefore(to);
  const time = new Date(to).toISOString();
  if (position >= held.position)
    throw new ConfigError(
      `the sink ${sink} has still to get all that was committed at ${time} or later`,
      [],
      {
        remedy: 'it comes with the next start; to go back further, name an earlier time',
      },
    );
  const { cursor } = (await journal.cursor(sink))!; // it was found
  await journal.moveCursor(sink, { position, cursor });
  const { pending } = await findSink(journal, path, sink);
  process.stderr.write(`rewound: sink ${sink} gets ${toCount(pending, 'event')} from the next start on\n`);
  const removedTo = await journal.removedTo();
  if (removedTo > 0 && position <= removedTo)
    process.stderr.write('events were removed with age since then: they do not come again\n');
  return 0;
}
