import { type Config, type KafkaConfig, toKafkaConfig } from '../config/config.js';
import type { NumberedCloudEvent } from '../consume/kafka-event.js';
import { readLabels } from '../consume/label-reader.js';
import type { SequenceFinding } from '../consume/sequence-check.js';
import { ConfigError } from '../errors.js';
import { createKafkaClient } from '../kafka-client.js';
import { toClockText } from './clock-text.js';
import { EXIT_PIPE, toMessage, toPrintable } from './messages.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';

/** The flags of `labelcast consume`. */
export interface ConsumeFlags {
  readonly kafka?: readonly string[];
  readonly topicPrefix?: string;
  readonly stream?: readonly string[];
  readonly label?: readonly string[];
  readonly from?: 'beginning' | 'now';
  readonly json?: boolean;
  readonly table?: boolean;
  readonly untilEnd?: boolean;
}

/** With --until-end, brokers that do not answer for so long are given up. */
const GIVE_UP_MS = 30_000;

/**
 * `labelcast consume`: prints the label events of a Kafka topic as they come and resolves to the exit status: 1 when, with
 * --until-end, events are missing. Throws ConfigError and PublishError when nothing can be read.
 */
export async function consume(flags: ConsumeFlags, config: Config): Promise<number> {
  const kafka = toKafka(flags, config);
  const untilEnd = flags.untilEnd ?? false;
  const from = flags.from ?? (untilEnd ? 'beginning' : 'now');
  await using client = createKafkaClient(kafka);
  using stop = new StopSignals(() => {});
  using pipe = new StandardOutput();
  const toLine = flags.table || (process.stdout.isTTY && !flags.json) ? toRow : JSON.stringify;
  const report = new Report();
  const listener = {
    event: async (event: NumberedCloudEvent): Promise<void> => {
      if (isWanted(event, flags)) await pipe.write(`${toLine(event)}\n`);
    },
    finding: (finding: SequenceFinding): void => report.finding(finding),
    trouble: (error: Error): void => report.trouble(toMessage(error)),
  };
  const options = { untilEnd, giveUpAfterMs: untilEnd ? GIVE_UP_MS : Number.POSITIVE_INFINITY };
  const reader = client.createReader(`${kafka.topicPrefix}.labels`, from);
  await readLabels(reader, listener, options, AbortSignal.any([stop.signal, pipe.closed]));
  report.end();
  if (pipe.closed.aborted) return pipe.failure === null ? EXIT_PIPE : 1;
  return stop.status ?? (untilEnd && report.missing > 0 ? 1 : 0);
}

function toKafka({ kafka, topicPrefix }: ConsumeFlags, config: Config): KafkaConfig {
  const held = config.sinks.find((sink) => sink.kafka !== undefined)?.kafka;
  const chosen = kafka === undefined ? held : { ...(held ?? toKafkaConfig(kafka)), brokers: [...kafka] };
  if (chosen === undefined)
    throw new ConfigError('consume needs to know where Kafka is', [], {
      remedy: 'name it with --kafka HOST:PORT, or a config with a kafka sink with -c FILE',
    });
  return { ...chosen, topicPrefix: topicPrefix ?? chosen.topicPrefix };
}

function isWanted({ data }: NumberedCloudEvent, { stream, label }: ConsumeFlags): boolean {
  if (stream !== undefined && !stream.includes(data.streamId)) return false;
  return label === undefined || ('label' in data && label.includes(data.label));
}

/** One line of fixed columns: it is never known which line is the last. */
function toRow({ time, data }: NumberedCloudEvent): string {
  const place = [time, toPrintable(data.streamId).padEnd(24)];
  if (!('label' in data)) return [...place, 'completed'].join('  ');
  const { label, phase, reason, startMs, endMs, score } = data;
  const until = endMs === null ? '' : toClockText(endMs);
  const columns = [label.padEnd(16), phase.padEnd(8), reason.padEnd(13)];
  const numbers = [toClockText(startMs).padStart(10), until.padStart(10), score.peak.toFixed(2)];
  return [...place, ...columns, ...numbers].join('  ');
}

/** What is wrong with what was read, on standard error; the same trouble is told once in a row. */
class Report {
  missing = 0;
  #repeats = 0;
  #last = '';

  finding({ kind, streamId, epoch, from, to }: SequenceFinding): void {
    if (kind === 'repeat') this.#repeats++;
    if (kind === 'gap') this.missing += to - from + 1;
    if (kind === 'late') this.missing--;
    if (kind !== 'repeat') this.#say(`${toPrintable(streamId)}: ${SAYINGS[kind](from, to)} (epoch ${epoch})`);
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
  gap: (from: number, to: number) =>
    from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`,
  late: (from: number) => `event ${from} came late`,
  conflict: (from: number) => `another event ${from}: two writers share this stream and epoch`,
} as const;
