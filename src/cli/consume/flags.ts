import { type KafkaConfig, toKafkaConfig } from '../../config/config.js';
import { warnOfPlainPassword } from '../../config/plain-password.js';
import { ConfigError } from '../../errors.js';
import { toPrintable } from '../messages.js';

/** The flags of `labelcast consume`. */
export interface ConsumeFlags {
  readonly kafka?: readonly string[];
  /** Read in place of a topic. */
  readonly journal?: string;
  readonly topicPrefix?: string;
  readonly stream?: readonly string[];
  readonly label?: readonly string[];
  readonly min?: number;
  readonly from?: 'beginning' | 'now';
  readonly since?: Date;
  readonly state?: boolean;
  readonly follow?: boolean;
  readonly untilEnd?: boolean;
  readonly format?: Format;
  readonly json?: boolean;
  readonly table?: boolean;
}

export type Format = 'table' | 'json' | 'csv';

/** What is printed: what was asked for, else columns on a terminal and JSON elsewhere. */
export function toFormat(
  { format, json, table }: ConsumeFlags,
  { isTTY }: { readonly isTTY?: boolean },
): Format {
  if (format !== undefined) return format;
  if (json) return 'json';
  return table || isTTY ? 'table' : 'json';
}

/** Where Kafka is and how to log in. Throws ConfigError when nothing says so, and warns of a password in plain text. */
export function toKafka({ kafka, topicPrefix }: ConsumeFlags, held: KafkaConfig | null): KafkaConfig {
  const chosen = kafka === undefined ? held : { ...(held ?? toKafkaConfig(kafka)), brokers: [...kafka] };
  if (chosen === null)
    throw new ConfigError('consume needs to know where Kafka is', [], {
      remedy:
        'name it with --kafka HOST:PORT, or a config with a kafka sink with -c FILE; or read a journal with --journal FILE',
    });
  const config = { ...chosen, topicPrefix: topicPrefix ?? chosen.topicPrefix };
  const warning = warnOfPlainPassword(config);
  if (warning !== null) process.stderr.write(`warning: ${toPrintable(warning)}\n`);
  return config;
}
