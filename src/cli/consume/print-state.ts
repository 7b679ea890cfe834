import type { KafkaConfig } from '../../config/config.js';
import { EventFilter } from '../../consume/event-filter.js';
import { chooseCurrent } from '../../consume/open-segments.js';
import { readJournalState, readStateTopic } from '../../label-sources.js';
import { findJournal } from '../find-journal.js';
import { toMessage, toPrintable } from '../messages.js';
import type { StandardOutput } from '../standard-output.js';
import { toTableLook } from '../terminal-look.js';
import { type ConsumeFlags, toFormat, toKafka } from './flags.js';
import { SequenceReport } from './sequence-report.js';
import { toStateText } from './state-text.js';

/** Prints what holds now; on standard error, what was left out since nothing is heard of it. Throws ConfigError and PublishError. */
export async function printState(
  flags: ConsumeFlags,
  { held, pipe }: { readonly held: KafkaConfig | null; readonly pipe: StandardOutput },
  signal: AbortSignal,
): Promise<void> {
  const report = new SequenceReport();
  const told = {
    finding: () => {}, // of what was before; who follows is told
    trouble: (error: Error) => report.trouble(toMessage(error)),
  };
  const segments =
    flags.journal === undefined
      ? await readStateTopic(toKafka(flags, held), told.trouble, signal)
      : await readJournalState(findJournal(flags.journal, undefined), told, signal);
  if (signal.aborted) return;
  const choice = { streams: flags.stream, labels: flags.label, minScore: flags.min };
  const filter = new EventFilter(choice, 'open segments');
  const nowMs = Date.now();
  const { current, expired } = chooseCurrent(
    segments.filter((segment) => filter.takes(segment)),
    nowMs,
  );
  const format = toFormat(flags, process.stdout);
  await pipe.write(toStateText(current, { format, nowMs, look: toTableLook() }));
  if (current.length === 0) say(filter.summary ?? 'no label holds now');
  if (expired === 1) say('1 segment is left out: nothing was heard of it for 90 s');
  if (expired > 1) say(`${expired} segments are left out: nothing was heard of them for 90 s`);
}

function say(text: string): void {
  process.stderr.write(`${toPrintable(text)}\n`);
}
