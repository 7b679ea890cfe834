import { dirname, relative, resolve } from 'node:path';
import { type SinkConfig, toKafkaConfig, toSinkTarget } from '../config/config.js';

/** Where a run of `tag` delivers its events, besides standard output. */
interface Destinations {
  readonly output: string | undefined;
  readonly kafka: readonly string[] | undefined;
  readonly sinks: readonly SinkConfig[];
  readonly journalFile: string;
}

/**
 * The sinks of a run, from the beginning of its journal; Kafka first: what it refuses is known before a file is touched. A flag
 * that leads where a sink of the config leads adds nothing: everything would arrive twice.
 */
export function toSinkConfigs({ output, kafka, sinks, journalFile }: Destinations): SinkConfig[] {
  const from = 'beginning';
  const configs: SinkConfig[] = sinks.map((sink) => ({ ...sink, from }));
  const isNew = (sink: SinkConfig): boolean =>
    !sinks.some((other) => toSinkTarget(other) === toSinkTarget(sink));
  // named for where it leads, so that the same journal can be sent elsewhere too
  if (kafka !== undefined) {
    const sink = { name: `kafka:${[...kafka].sort().join(',')}`, from, kafka: toKafkaConfig(kafka) } as const;
    if (isNew(sink)) configs.unshift(sink);
  }
  if (output !== undefined) {
    // known to its journal by where it lies beside it, so that the folder can be moved
    const file = resolve(output, 'events.ndjson');
    const name = `ndjson:${relative(dirname(journalFile), file)}`;
    const sink = { name, from, ndjson: { path: file } } as const;
    if (isNew(sink)) configs.push(sink);
  }
  return configs;
}
