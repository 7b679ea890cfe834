import { z } from 'zod';
import { configSchema } from './config.js';

/** The part of JSON Schema that describes the config. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** JSON Schema (2020-12) of labelcast.yaml for editors; it refuses nothing that labelcast takes. */
export function toConfigJsonSchema(): JsonSchema {
  const { $schema, properties, ...rest } = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema & {
    readonly $schema: string;
  };
  return {
    $schema,
    $id: 'https://labelcast.io/schema/labelcast-config.v1.json',
    title: 'labelcast.yaml',
    description: 'The configuration of labelcast; every key has a default, unknown keys are refused.',
    ...rest,
    properties: mapValues(properties!, (section, key) => toSection(toEditor(section, key))), // it is an object
  } as JsonSchema;
}

/** A section of which every line is a comment counts as left out. */
function toSection({ type, default: preset, ...section }: JsonSchema): JsonSchema {
  const isObject = type === 'object';
  return {
    ...section,
    type: [type as string, 'null'],
    ...(isObject || preset === undefined ? {} : { default: preset }),
  };
}

/** A schema with an example and without what an editor would refuse wrongly; `place`: its keys, joined by dots. */
function toEditor(schema: JsonSchema, place: string): JsonSchema {
  if (schema.enum !== undefined) return toChoice(schema, place);
  // what stands for a longer text may be short, and the other way round
  const { pattern, maximum, maxLength: _, properties, additionalProperties, items, anyOf, ...rest } = schema;
  const example = EXAMPLES[place];
  return {
    ...rest,
    ...(example === undefined ? {} : { examples: [example] }),
    ...(pattern === undefined ? {} : { pattern: toPattern(pattern, place) }),
    // zod's way to say any whole number
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(properties && { properties: mapValues(properties, (one, key) => toEditor(one, `${place}.${key}`)) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : toEditor(additionalProperties, `${place}.*`),
    }),
    ...(items && { items: toEditor(items, `${place}[]`) }),
    ...(anyOf && { anyOf: anyOf.map((one) => toEditor(one, place)) }),
    ...(place === 'sinks[]' ? { oneOf: [{ required: ['kafka'] }, { required: ['ndjson'] }] } : {}),
  };
}

/** One of several words, or a variable that holds one. */
function toChoice({ enum: words, type, ...rest }: JsonSchema, place: string): JsonSchema {
  const example = EXAMPLES[place];
  return {
    ...rest,
    ...(example === undefined ? {} : { examples: [example] }),
    anyOf: [{ enum: words! }, { type: type!, pattern: VARIABLE }], // only a schema of words comes here
  };
}

const VARIABLE = '\\$\\{[^}]+\\}';

/** `${NAME}` may stand for the whole or a part; JSON Schema has no flag for letters of any case, which an address may have. */
function toPattern(pattern: string, place: string): string {
  const spelt =
    place === 'streams[].url'
      ? pattern.replaceAll(/\\.|[a-z]/g, (sign) =>
          sign.length > 1 ? sign : `[${sign}${sign.toUpperCase()}]`,
        )
      : pattern;
  return `(?:${spelt})|${VARIABLE}`;
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  to: (value: T, key: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}

/** Values for keys whose default says nothing of their form. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  'model.path': 'models/my-model',
  'sampling.fps': 5,
  'smoothing.halfLifeMs': 200,
  'smoothing.minOnMs': 400,
  'smoothing.minOffMs': 1500,
  'smoothing.gapToleranceMs': 3000,
  'smoothing.enter': 0.6,
  'smoothing.exit': 0.4,
  'smoothing.temperature': 1.2,
  'smoothing.labels': { person: { enter: 0.6, exit: 0.4 } },
  'journal.path': 'labelcast.db',
  'journal.maxBytes': 10_000_000_000,
  'sinks[].kafka.brokers': ['localhost:9092'],
  'sinks[].kafka.sasl': { mechanism: 'scram-sha-512', username: 'labelcast', password: '${KAFKA_PASSWORD}' },
  'sinks[].ndjson.path': 'events.ndjson',
  'http.token': '${LABELCAST_TOKEN}',
  'streams[].id': 'gate-2',
  'streams[].url': 'rtsp://user:${CAM_PASSWORD}@10.0.0.5/stream1',
  'streams[].tags': { site: 'north' },
  'streams[].fps': 2,
  'ffmpeg.path': '/usr/bin/ffmpeg',
  'files.parallel': 4,
};
