import { type JournalConfig, readJournalConfig } from '../../config/read-config.js';
import { ConfigError, PublishError } from '../../errors.js';
import { type JournalHandle, openJournal } from '../../publish/journal.js';
import { refuseOther } from '../../publish/journal-snapshot.js';
import type { SinkSummary } from '../../publish/journal-summary.js';
import { findJournal } from '../find-journal.js';

/** The journal that a command is about, and what the configuration says of it. */
export interface ChosenJournal extends JournalConfig {
  readonly path: string;
}

/** By the argument, else the configuration, else what is in this folder. Throws ConfigError. */
export function chooseJournal(where: string | undefined, config: string | undefined): ChosenJournal {
  const held = readJournalConfig(config ?? null, process.env);
  return { ...held, path: findJournal(where, held.journal.path) };
}

/** Opens a journal that is there, for this command alone. Throws ConfigError, and PublishError when somebody has it. */
export async function openOwned(path: string): Promise<JournalHandle> {
  await refuseOther(path);
  try {
    return await openJournal({ path });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    const remedy = error.retryable ? 'stop it first' : error.remedy?.replace(' with --journal', '');
    throw new PublishError(error.message, { cause: error, ...(remedy === undefined ? {} : { remedy }) });
  }
}

/** How far a sink is. Throws ConfigError when the journal has never had it. */
export async function findSink(journal: JournalHandle, path: string, name: string): Promise<SinkSummary> {
  const { sinks } = await journal.summary();
  const held = sinks.find((sink) => sink.name === name);
  if (held !== undefined) return held;
  throw new ConfigError(
    `the journal ${path} has never had a sink ${name}`,
    sinks.map((sink) => sink.name),
    { remedy: sinks.length === 0 ? 'it has had none yet' : 'name one of those it has had' },
  );
}
