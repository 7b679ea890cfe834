import { z } from 'zod';
import { ConfigError } from '../errors.js';
import { type Config, configSchema, type KafkaConfig, type SinkConfig, sinkSchema } from './config.js';
import { findStrangeVariables, overlayEnvironment } from './environment.js';
import { kafkaSchema } from './kafka-config.js';
import { toLines, toWords } from './problem-words.js';
import { readYaml, type Tree } from './yaml.js';
import { type Expansion, expandSecrets } from './secrets.js';

/**
 * Reads labelcast.yaml (or nothing), lays LABELCAST_… variables over it and fills in the defaults. `onWarning`: told of
 * LABELCAST_… variables that set nothing. Throws ConfigError that lists every problem with its path.
 */
export function readConfig(
  file: string | null,
  env: NodeJS.ProcessEnv,
  onWarning: (message: string) => void = () => {},
): Config {
  const expansion = expandSecrets(file === null ? {} : readYaml(file), env);
  const tree = expansion.tree as Tree;
  const fromEnvironment = overlayEnvironment(tree, env);
  for (const warning of findStrangeVariables(env, expansion.asked)) onWarning(warning);
  const parsed = configSchema.safeParse(tree, { error: toWords });
  return Object.freeze(accept(file, parsed, { expansion, fromEnvironment }));
}

/**
 * The settings of the first Kafka sink of labelcast.yaml; null: it has none. Nothing else is looked at, so a reader needs no
 * password of a camera. Throws ConfigError that lists every problem with its path.
 */
export function readKafkaConfig(file: string, env: NodeJS.ProcessEnv): KafkaConfig | null {
  const { sinks } = readYaml(file);
  const list = Array.isArray(sinks) ? (sinks as unknown[]) : [];
  const n = list.findIndex((sink) => typeof sink === 'object' && sink !== null && 'kafka' in sink);
  if (n < 0) return null;
  const path = ['sinks', n] as const;
  const expansion = expandSecrets(list[n], env, path);
  const parsed = sinkSchema.safeParse(expansion.tree, { error: toWords });
  return accept(file, parsed, { expansion, path }).kafka!; // it has that key
}

/** What a configuration says of the journal and of who reads it. */
export interface JournalConfig {
  readonly journal: Config['journal'];
  readonly sinks: readonly Pick<SinkConfig, 'name' | 'from'>[];
}

/**
 * What labelcast.yaml (or nothing) and the environment say of the journal, and the names of the sinks. Nothing else is looked
 * at, so no password is needed. Throws ConfigError that lists every problem with its path.
 */
export function readJournalConfig(file: string | null, env: NodeJS.ProcessEnv): JournalConfig {
  const { journal = {}, sinks = [] } = file === null ? {} : readYaml(file);
  const named = Array.isArray(sinks) ? (sinks as unknown[]).map(toNamed) : sinks;
  const expansion = expandSecrets({ journal, sinks: named }, env);
  const tree = expansion.tree as Tree;
  const fromEnvironment = overlayEnvironment(tree, env);
  const parsed = journalSchema.safeParse(
    { journal: tree['journal'], sinks: tree['sinks'] },
    { error: toWords },
  );
  return accept(file, parsed, { expansion, fromEnvironment });
}

const journalSchema = z.strictObject({
  journal: configSchema.shape.journal,
  sinks: z.array(z.strictObject({ name: sinkSchema.shape.name, from: sinkSchema.shape.from })),
});

/** Of a sink, how it is called and where it begins. */
function toNamed(sink: unknown): unknown {
  if (typeof sink !== 'object' || sink === null) return sink;
  const { name, from, kafka } = sink as Record<string, unknown>;
  return {
    name: name ?? (kafka === undefined ? 'ndjson' : 'kafka'),
    ...(from === undefined ? {} : { from }),
  };
}

/** The settings of a Kafka sink with the defaults filled in. Throws ConfigError that lists every problem with its path. */
export function readKafkaSettings(settings: unknown): KafkaConfig {
  const parsed = kafkaSchema.safeParse(settings, { error: toWords });
  return accept('kafka', parsed, { expansion: expandSecrets({}, {}), path: ['kafka'] });
}

/** What was parsed, unless there are problems; of a value that is not set nothing more is said than that. */
function accept<T>(
  file: string | null,
  { error, data }: { readonly error?: z.ZodError | undefined; readonly data?: T | undefined },
  read: {
    readonly expansion: Expansion;
    readonly path?: readonly (string | number)[];
    readonly fromEnvironment?: ReadonlyMap<string, string>;
  },
): T {
  const { expansion, path = [], fromEnvironment = new Map() } = read;
  const { missing } = expansion;
  const problems = (error?.issues ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
  const lines = [
    ...missing.values(),
    ...problems
      .filter((issue) => !isExplained(issue, missing))
      .flatMap((issue) => toLines(issue, configSchema, fromEnvironment)),
  ];
  if (lines.length === 0) return data as T;
  const [count, them] = lines.length === 1 ? ['1 problem', 'it'] : [`${lines.length} problems`, 'them'];
  throw new ConfigError(`${file ?? 'the configuration'} has ${count}`, lines, {
    remedy: `correct ${them}; docs/configuration.md lists every key`,
  });
}

/** Whether a problem is one of a value that is not set, or of a form that such a value keeps from being known. */
function isExplained({ code, path }: z.core.$ZodIssue, missing: ReadonlyMap<string, string>): boolean {
  const key = path.join('.');
  return (
    missing.has(key) ||
    (code === 'invalid_union' && [...missing.keys()].some((one) => one.startsWith(`${key}.`)))
  );
}
