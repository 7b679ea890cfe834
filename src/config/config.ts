import { resolve } from 'node:path';
import { z } from 'zod';
import { isUserInfoRaw, RAW_USER_INFO } from '../redact.js';
import { isLoopback } from './loopback.js';

const probability = z.number().gt(0).lt(1);
const milliseconds = z.int().min(0);

const thresholds = z
  .strictObject({ enter: probability.optional(), exit: probability.optional() })
  .refine((t) => t.enter === undefined || t.exit === undefined || t.exit < t.enter, {
    message: 'exit must be below enter',
    path: ['exit'],
  });

const name = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,80}$/, 'use 1-80 letters, digits, dots, dashes, underscores or tildes');

const kafka = z.strictObject({
  brokers: z
    .array(z.string().regex(/^\S+:\d{1,5}$/, 'write HOST:PORT'))
    .min(1)
    .describe('Where to begin.'),
  topicPrefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'use letters, digits, dots, dashes and underscores')
    .default('labelcast')
    .describe('The topics are PREFIX.labels, PREFIX.state and PREFIX.streams.'),
  clientId: z.string().min(1).default('labelcast').describe('How the brokers know this client.'),
  ssl: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          ca: z.string().min(1).optional().describe('PEM text of the authorities to trust.'),
          cert: z.string().min(1).optional().describe('PEM text of the client certificate.'),
          key: z.string().min(1).optional().describe('PEM text of its key.'),
        }),
      ],
      'write true, false, or keys with values: ca, cert, key',
    )
    .default(false)
    .describe('TLS; true: with the authorities that Node.js trusts.'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1),
      password: z.string().min(1),
    })
    .nullable()
    .default(null)
    .describe('Who this client is.'),
  compression: z.enum(['gzip', 'none']).default('gzip'),
  partitions: z
    .int()
    .min(1)
    .max(1000)
    .default(6)
    .describe('Of topics that are created; never changed after.'),
  replicationFactor: z
    .int()
    .min(-1)
    .max(9)
    .default(-1)
    .describe("Of topics that are created; -1: the broker's."),
});

/** One entry of `sinks`. */
export const sinkSchema = z
  .strictObject({
    name: name.optional().describe('Unique; default: its type. Where it stands is remembered under it.'),
    from: z
      .enum(['now', 'beginning'])
      .default('now')
      .describe('Where a sink begins that the journal has never had.'),
    kafka: kafka.optional(),
    ndjson: z.strictObject({ path: z.string().min(1) }).optional(),
  })
  .refine((s) => (s.kafka === undefined) !== (s.ndjson === undefined), {
    message: 'write either kafka or ndjson',
  });

/** They are part of each event, which has 8 KiB at most. */
const MAX_TAG_BYTES = 3072;

const stream = z.strictObject({
  id: name.describe('Unique; the streamId of its events.'),
  url: z
    .string()
    .regex(/^(?:rtsps?|rtmps?|srt|udp|rtp|tcp|https?):\/\/\S+$/i, 'write the URL of a live source')
    .refine((url) => !isUserInfoRaw(url), RAW_USER_INFO)
    .describe('Of the camera; credentials are shown nowhere.'),
  tags: z
    .record(z.string().min(1).max(64), z.string().max(64))
    .refine((tags) => Object.keys(tags).length <= 16, 'at most 16 tags')
    .refine((tags) => Buffer.byteLength(JSON.stringify(tags)) <= MAX_TAG_BYTES, 'at most 3 KiB in all')
    .default({})
    .describe('Part of its events.'),
  fps: z.number().gt(0).max(120).optional().describe('In place of sampling.fps.'),
});

/** Places of items whose key an earlier one has, each with the place of that one. */
function findTwins<T>(items: readonly T[], toKey: (item: T) => string): [number, number][] {
  const keys = items.map(toKey);
  return keys.map((key, n): [number, number] => [n, keys.indexOf(key)]).filter(([n, first]) => first < n);
}

/** The name under which a sink's place is remembered. */
export function toSinkName(config: SinkConfig): string {
  return config.name ?? (config.kafka === undefined ? 'ndjson' : 'kafka');
}

/** Where a sink's events arrive: two sinks with the same one would deliver everything twice. */
export function toSinkTarget({ kafka: topics, ndjson }: Pick<SinkConfig, 'kafka' | 'ndjson'>): string {
  if (topics === undefined) return `file ${resolve(ndjson?.path ?? '')}`;
  return `kafka ${[...topics.brokers].sort().join(',')} ${topics.topicPrefix}`;
}

/** The whole of labelcast.yaml; every key has a default, unknown keys are refused. */
export const configSchema = z.strictObject({
  deployment: name
    .default('default')
    .describe('Name of this installation; part of the source of every event.'),
  model: z
    .strictObject({
      path: z.string().min(1).optional().describe('Model package folder; default: the shipped one.'),
      device: z
        .enum(['auto', 'cpu', 'cuda', 'webgpu'])
        .default('auto')
        .describe('Execution provider to use.'),
    })
    .prefault({}),
  sampling: z
    .strictObject({
      fps: z.number().gt(0).max(120).optional().describe("Frames scored per second; default: the model's."),
    })
    .prefault({}),
  batching: z
    .strictObject({
      maxSize: z.int().min(1).max(64).default(16).describe('Frames in a batch at most.'),
      maxDelayMs: z.int().min(0).max(1000).default(40).describe('How long a frame waits for others at most.'),
    })
    .prefault({}),
  smoothing: z
    .strictObject({
      halfLifeMs: milliseconds.optional().describe('Half-life of the moving average.'),
      minOnMs: milliseconds.optional().describe('How long a label must hold before a segment starts.'),
      minOffMs: milliseconds.optional().describe('How long it must be away before the segment ends.'),
      gapToleranceMs: milliseconds.optional().describe('Blindness longer than this ends segments.'),
      resumeToleranceMs: milliseconds
        .default(15_000)
        .describe('A restart within this time continues the open segments of live streams.'),
      enter: probability.optional().describe('Threshold to begin, for all labels.'),
      exit: probability.optional().describe('Threshold to end, for all labels.'),
      labels: z.record(z.string(), thresholds).default({}).describe('Thresholds per label.'),
    })
    .refine((s) => s.enter === undefined || s.exit === undefined || s.exit < s.enter, {
      message: 'exit must be below enter',
      path: ['exit'],
    })
    .prefault({}),
  journal: z
    .strictObject({ path: z.string().min(1).optional().describe('Journal file of `tag`; like --journal.') })
    .prefault({}),
  sinks: z
    .array(sinkSchema)
    .superRefine((sinks, context) => {
      for (const [n, first] of findTwins(sinks, toSinkName)) {
        const message = `${toSinkName(sinks[n]!)} is the name of sinks.${first} too; give each its own`;
        context.addIssue({ code: 'custom', path: [n, 'name'], message });
      }
      for (const [n, first] of findTwins(sinks, toSinkTarget)) {
        const message = `leads to the same place as sinks.${first}; everything would arrive twice`;
        context.addIssue({ code: 'custom', path: [n], message });
      }
    })
    .default([])
    .describe('Where events are delivered.'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address that `serve` listens on.'),
      port: z.int().min(0).max(65_535).default(8080).describe('Port that `serve` listens on; 0: any.'),
      token: z
        .string()
        .regex(/^[\w.~+/-]+=*$/, 'use letters, digits and -._~+/, without spaces')
        .optional()
        .describe('What readers of metrics must send as `Authorization: Bearer TOKEN`.'),
    })
    .refine(({ host, token }) => token !== undefined || isLoopback(host), {
      message: 'is needed where others can connect; set one, or http.host to 127.0.0.1',
      path: ['token'],
    })
    .prefault({}),
  streams: z
    .array(stream)
    .superRefine((streams, context) => {
      for (const [n, first] of findTwins(streams, ({ id }) => id)) {
        const message = `${streams[n]!.id} is the id of streams.${first} too; give each its own`;
        context.addIssue({ code: 'custom', path: [n, 'id'], message });
      }
    })
    .default([])
    .describe('What `serve` watches.'),
  ffmpeg: z
    .strictObject({
      path: z.string().min(1).optional().describe('The ffmpeg to run; else FFMPEG_PATH, PATH, bundled.'),
    })
    .prefault({}),
  files: z
    .strictObject({
      parallel: z
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe('Files tagged at once; default: the cores, 2 to 8.'),
    })
    .prefault({}),
});

/** Everything labelcast.yaml, the environment and the flags decide; frozen. */
export type Config = Readonly<z.output<typeof configSchema>>;
export type KafkaConfig = Readonly<z.output<typeof kafka>>;
export type SinkConfig = Readonly<z.output<typeof sinkSchema>>;
export type StreamConfig = Readonly<z.output<typeof stream>>;

/** The settings of a Kafka sink of which only the brokers are given. */
export function toKafkaConfig(brokers: readonly string[]): KafkaConfig {
  return kafka.parse({ brokers });
}
