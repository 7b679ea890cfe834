import { dirname, relative, resolve } from 'node:path';
import { type SinkConfig, toKafkaConfig } from '../config/config.js';

/** Where a run of `tag` delivers its events, besides standard output. */
interface Destinations {
  readonly output: string | undefined;
  readonly kafka: readonly string[] | undefined;
  readonly sinks: readonly SinkConfig[];
  readonly journalFile: string;
}

/** The sinks of a run, from the beginning of its journal; Kafka first: what it refuses is known before a file is touched. */
export function toSinkConfigs({ output, kafka, sinks, journalFile }: Destinations): SinkConfig[] {
  const from = 'beginning';
  const configs: SinkConfig[] = sinks.map((sink) => ({ ...sink, from }));
  // named for where it leads, so that the same journal can be sent elsewhere too
  if (kafka !== undefined)
    configs.unshift({ name: `kafka:${[...kafka].sort().join(',')}`, from, kafka: toKafkaConfig(kafka) });
  if (output !== undefined) {
    // known to its journal by where it lies beside it, so that the folder can be moved
    const file = resolve(output, 'events.ndjson');
    configs.push({ name: `ndjson:${relative(dirname(journalFile), file)}`, from, ndjson: { path: file } });
  }
  return configs;
}
