import { type KafkaConfig, toKafkaConfig } from '../config/config.js';
import { warnOfPlainPassword } from '../config/plain-password.js';
import { EventFilter } from '../consume/event-filter.js';
import type { LabelListener } from '../consume/label-sequence.js';
import type { SequenceFinding } from '../consume/sequence-check.js';
import { ConfigError } from '../errors.js';
import { readJournal, readTopic } from '../label-sources.js';
import type { NumberedCloudEvent } from '../types.js';
import { LabelRows, toLabelRow } from './label-row.js';
import { EXIT_PIPE, toMessage, toPrintable } from './messages.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';
import { toLook, toWidth } from './terminal-look.js';

/** The flags of `labelcast consume`. */
export interface ConsumeFlags {
  readonly kafka?: readonly string[];
  /** Read in place of a topic. */
  readonly journal?: string;
  readonly topicPrefix?: string;
  readonly stream?: readonly string[];
  readonly label?: readonly string[];
  readonly from?: 'beginning' | 'now';
  readonly json?: boolean;
  readonly table?: boolean;
  readonly untilEnd?: boolean;
}

/**
 * `labelcast consume`: prints the label events of a Kafka topic as they come, or those of a journal, and resolves to the
 * exit status: 1 when events are missing of a journal or, with --until-end, of a topic. Throws ConfigError and
 * PublishError when nothing can be read. `held`: the Kafka sink of the configuration.
 */
export async function consume(flags: ConsumeFlags, held: KafkaConfig | null): Promise<number> {
  using stop = new StopSignals(() => {});
  using pipe = new StandardOutput();
  const toText = chooseForm(flags);
  const report = new Report();
  const filter = new EventFilter(flags.stream, flags.label);
  const listener: LabelListener = {
    event: async (event) => {
      if (filter.takes(event)) await pipe.write(toText(event));
    },
    finding: (finding) => {
      if (flags.stream?.includes(finding.streamId) !== false) report.finding(finding);
    },
    trouble: (error) => report.trouble(toMessage(error)),
  };
  const signal = AbortSignal.any([stop.signal, pipe.closed]);
  if (flags.journal !== undefined && flags.from === 'now')
    throw new ConfigError('a journal has no more than what is there', [], { remedy: 'leave out --from now' });
  if (flags.journal === undefined) await readTopic(toChecked(flags, held), { ...flags, listener }, signal);
  else await readJournal(flags.journal, listener, signal);
  report.end();
  const isWhole = flags.untilEnd === true || flags.journal !== undefined;
  if (isWhole && !signal.aborted && filter.summary !== null)
    process.stderr.write(`${toPrintable(filter.summary)}\n`);
  if (pipe.closed.aborted) return pipe.failure === null ? EXIT_PIPE : 1;
  return stop.status ?? (isWhole && report.missing > 0 ? 1 : 0);
}

/** JSON for programs; columns for people, fitted to a terminal and in a form that stays as it is elsewhere. */
function chooseForm({ table, json }: ConsumeFlags): (event: NumberedCloudEvent) => string {
  if (process.stdout.isTTY && !json) {
    const style = toLook(process.stdout, process.env);
    const rows = new LabelRows(() => ({ ...style, width: toWidth(process.stdout) }));
    return (event) => rows.toText(event);
  }
  const toLine = table ? toLabelRow : JSON.stringify;
  return (event) => `${toLine(event)}\n`;
}

function toChecked(flags: ConsumeFlags, held: KafkaConfig | null): KafkaConfig {
  const kafka = toKafka(flags, held);
  const warning = warnOfPlainPassword(kafka);
  if (warning !== null) process.stderr.write(`warning: ${toPrintable(warning)}\n`);
  return kafka;
}

function toKafka({ kafka, topicPrefix }: ConsumeFlags, held: KafkaConfig | null): KafkaConfig {
  const chosen = kafka === undefined ? held : { ...(held ?? toKafkaConfig(kafka)), brokers: [...kafka] };
  if (chosen === null)
    throw new ConfigError('consume needs to know where Kafka is', [], {
      remedy:
        'name it with --kafka HOST:PORT, or a config with a kafka sink with -c FILE; or read a journal with --journal FILE',
    });
  return { ...chosen, topicPrefix: topicPrefix ?? chosen.topicPrefix };
}

/** What is wrong with what was read, on standard error; the same trouble is told once in a row. */
class Report {
  missing = 0;
  #repeats = 0;
  #last = '';

  finding({ kind, streamId, epoch, from, to }: SequenceFinding): void {
    if (kind === 'repeat') this.#repeats++;
    if (kind === 'missing') this.missing += to - from + 1;
    if (kind === 'late') this.missing--;
    if (kind !== 'repeat') this.#say(toPrintable(`${streamId}: ${SAYINGS[kind](from, to)} (epoch ${epoch})`));
  }

  trouble(message: string): void {
    if (message !== this.#last) this.#say(message);
    this.#last = message;
  }

  end(): void {
    const parts = [
      ...(this.missing > 0 ? [`${this.missing} missing`] : []),
      ...(this.#repeats > 0 ? [`${this.#repeats} repeated and left out`] : []),
    ];
    if (parts.length > 0) this.#say(`events: ${parts.join(', ')}`);
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

const SAYINGS = {
  missing: (from: number, to: number) =>
    from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`,
  late: (from: number) => `event ${from} came late`,
  lost: (from: number) => `event ${from} was skipped by hand and is lost`,
  conflict: (from: number) => `another event ${from}: two writers share this stream and epoch`,
} as const;
