import type { KafkaConfig } from '../config/config.js';
import { EventFilter } from '../consume/event-filter.js';
import type { LabelListener } from '../consume/label-sequence.js';
import { ConfigError } from '../errors.js';
import { readJournal, readTopic } from '../label-sources.js';
import { toEventText } from './consume/event-text.js';
import { type ConsumeFlags, toFormat, toKafka } from './consume/flags.js';
import { printState } from './consume/print-state.js';
import { SequenceReport } from './consume/sequence-report.js';
import { findJournal } from './find-journal.js';
import { EXIT_PIPE, toMessage, toPrintable } from './messages.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';

/**
 * `labelcast consume`: prints the label events of a Kafka topic as they come, or those of a journal, or what holds now, and
 * resolves to the exit status: 1 when events are missing of a journal or, with --until-end, of a topic. Throws ConfigError
 * and PublishError when nothing can be read. `held`: the Kafka sink of the configuration.
 */
export async function consume(flags: ConsumeFlags, held: KafkaConfig | null): Promise<number> {
  using stop = new StopSignals(() => {});
  using pipe = new StandardOutput();
  const signal = AbortSignal.any([stop.signal, pipe.closed]);
  const missing = flags.state
    ? await printState(flags, { held, pipe }, signal).then(() => 0)
    : await printEvents(flags, { held, pipe }, signal);
  if (pipe.closed.aborted) return pipe.failure === null ? EXIT_PIPE : 1;
  return stop.status ?? (missing > 0 ? 1 : 0);
}

/** Resolves to how many events are missing of what was to be read whole. */
async function printEvents(
  flags: ConsumeFlags,
  { held, pipe }: { readonly held: KafkaConfig | null; readonly pipe: StandardOutput },
  signal: AbortSignal,
): Promise<number> {
  const { journal, stream, since, follow = journal === undefined && !flags.untilEnd } = flags;
  const { head, toText } = toEventText(toFormat(flags, process.stdout));
  let isHeaded = head === '';
  /** What comes first, once something can be read at all. */
  const begin = async (): Promise<void> => {
    if (isHeaded) return;
    isHeaded = true;
    await pipe.write(head);
  };
  const report = new SequenceReport();
  const filter = new EventFilter({ streams: stream, labels: flags.label, minScore: flags.min });
  const listener: LabelListener = {
    event: async (event) => {
      if (!filter.takes(event.data)) return;
      await begin();
      await pipe.write(toText(event));
    },
    finding: (finding) => {
      if (stream?.includes(finding.streamId) !== false) report.finding(finding);
    },
    trouble: (error) => report.trouble(toMessage(error)),
  };
  if (journal !== undefined && flags.from === 'now')
    throw new ConfigError('a journal is read from its beginning or from a time', [], {
      remedy: 'leave out --from now, or give --since TIME',
    });
  const from = since ?? flags.from;
  const kafka = journal === undefined ? toKafka(flags, held) : null;
  if (kafka === null)
    await readJournal(findJournal(journal, undefined), { from: since, isFollowed: follow, listener }, signal);
  else await readTopic(kafka, { ...(from && { from }), untilEnd: !follow, listener }, signal);
  await begin();
  report.end();
  if (!follow && !signal.aborted && filter.summary !== null)
    process.stderr.write(`${toPrintable(filter.summary)}\n`);
  return follow ? 0 : report.missing;
}
