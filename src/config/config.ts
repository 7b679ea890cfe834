import { resolve } from 'node:path';
import { z } from 'zod';
import { isUserInfoRaw, RAW_USER_INFO } from '../redact.js';
import { kafkaSchema } from './kafka-config.js';
import { LIVE_URL, toLiveUrlProblem } from './live-url.js';
import { isLoopback } from './loopback.js';
import { findTwins } from './twins.js';

const probability = z.number().gt(0).lt(1);
const milliseconds = z.int().min(0);

const thresholds = z
  .strictObject({
    enter: probability.optional().describe('Threshold to begin.'),
    exit: probability.optional().describe('Threshold to end.'),
  })
  .refine((t) => t.enter === undefined || t.exit === undefined || t.exit < t.enter, {
    message: 'exit must be below enter',
    path: ['exit'],
  });

const name = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,80}$/, 'use 1-80 letters, digits, dots, dashes, underscores or tildes');

/** One entry of `sinks`. */
export const sinkSchema = z
  .strictObject({
    name: name.optional().describe('Unique; default: its type. Where it stands is remembered under it.'),
    from: z
      .enum(['now', 'beginning'])
      .default('now')
      .describe('Where a sink begins that the journal has never had.'),
    kafka: kafkaSchema.optional().describe('Delivers to topics of Kafka.'),
    ndjson: z
      .strictObject({ path: z.string().min(1).describe('The file, in a folder that is there.') })
      .optional()
      .describe('Delivers to a file, a CloudEvent a line.'),
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
    .regex(LIVE_URL, { error: ({ input }) => toLiveUrlProblem(String(input)) })
    .refine((url) => !isUserInfoRaw(url), RAW_USER_INFO)
    .describe('Address of the camera; credentials are shown nowhere.'),
  tags: z
    .record(z.string().min(1).max(64), z.string().max(64))
    .refine((tags) => Object.keys(tags).length <= 16, 'at most 16 tags')
    .refine((tags) => Buffer.byteLength(JSON.stringify(tags)) <= MAX_TAG_BYTES, 'at most 3 KiB in all')
    .default({})
    .describe('Texts of your own that are part of its events.'),
  fps: z.number().gt(0).max(120).optional().describe('Frames scored per second, in place of sampling.fps.'),
});

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
        .describe(
          'Execution provider; auto: the first of cuda, webgpu and cpu that keeps up with the CPU and scores as it does.',
        ),
      devices: z
        .array(z.int().min(0).max(63, 'is no number of a GPU: nvidia-smi -L lists them, the first is 0'))
        .min(1)
        .max(16)
        .refine((ids) => new Set(ids).size === ids.length, 'name each device once')
        .optional()
        .describe('Numbers of the GPUs that cuda is to use, a process each; default: the first.')
        .meta({ examples: [[0]] }),
      precision: z
        .enum(['auto', 'fp32', 'fp16'])
        .default('auto')
        .describe('Bits of the numbers in the model; auto: 16 on cuda where the package has them, else 32.'),
    })
    .prefault({})
    .describe('What tags the frames.'),
  sampling: z
    .strictObject({
      fps: z.number().gt(0).max(120).optional().describe("Frames scored per second; default: the model's."),
      keyframesOnly: z
        .boolean()
        .default(false)
        .describe('Score key frames alone, at most fps a second: many times faster, less exact.'),
      staticGate: z
        .boolean()
        .default(false)
        .describe('Leave out frames that show what the last scored one did; they count with its scores.'),
    })
    .prefault({})
    .describe('Which frames are scored.'),
  decoding: z
    .strictObject({
      hardware: z
        .enum(['off', 'auto', 'cuda', 'vaapi', 'qsv'])
        .default('off')
        .describe('What decodes and scales in place of the processor.'),
      device: z
        .union(
          [z.string().min(1), z.int().min(0)],
          'write the number of a GPU or a path like /dev/dri/renderD128',
        )
        .optional()
        .describe('Which one: a number for cuda, a path for vaapi and qsv; default: the first.')
        .meta({ examples: [0] }),
    })
    .prefault({})
    .describe('How videos are decoded.'),
  batching: z
    .strictObject({
      maxSize: z.int().min(1).max(64).default(16).describe('Frames in a batch at most.'),
      maxDelayMs: z.int().min(0).max(1000).default(40).describe('How long a frame waits for others at most.'),
    })
    .prefault({})
    .describe('How frames are scored together.'),
  smoothing: z
    .strictObject({
      halfLifeMs: milliseconds.optional().describe("Half-life of the moving average; default: the model's."),
      minOnMs: milliseconds
        .optional()
        .describe("How long a label must hold before a segment starts; default: the model's."),
      minOffMs: milliseconds
        .optional()
        .describe("How long it must be away before the segment ends; default: the model's."),
      gapToleranceMs: milliseconds
        .optional()
        .describe("Blindness longer than this ends segments; default: the model's."),
      resumeToleranceMs: milliseconds
        .default(15_000)
        .describe('A restart within this time continues the open segments of live streams.'),
      enter: probability
        .optional()
        .describe("Threshold to begin, for all labels; default: the model's, per label."),
      exit: probability.optional().describe('Threshold to end, for all labels; below enter.'),
      temperature: z
        .number()
        .min(0.1)
        .max(10)
        .optional()
        .describe(
          "Divides the log-odds of scores before anything else: above 1, they are less sure; default: the model's.",
        ),
      labels: z.record(z.string(), thresholds).default({}).describe('Thresholds per label.'),
    })
    .refine((s) => s.enter === undefined || s.exit === undefined || s.exit < s.enter, {
      message: 'exit must be below enter',
      path: ['exit'],
    })
    .prefault({})
    .describe('How scores become segments; times in milliseconds of media.'),
  journal: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .optional()
        .describe('The file; default: labelcast.db here for `serve`, see --journal for `tag`.'),
      retainDays: z
        .number()
        .gt(0)
        .max(36_500)
        .default(14)
        .describe('How long `serve` keeps events and segments of cameras; never less than sinks need.'),
      retainScoresHours: z
        .number()
        .gt(0)
        .max(876_000)
        .default(24)
        .describe('How long `serve` keeps score curves of cameras.'),
      maxBytes: z
        .int()
        .min(256 << 20)
        .optional()
        .describe('Bytes that are enough for it: above, score curves give way, oldest first; nothing else.'),
    })
    .prefault({})
    .describe('Where events, segments and scores are kept.'),
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
    .prefault({})
    .describe('Metrics and health of `serve`.'),
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
    .prefault({})
    .describe('What decodes videos.'),
  files: z
    .strictObject({
      parallel: z
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe('Files tagged at once; default: the cores, 2 to 8.'),
    })
    .prefault({})
    .describe('How `tag` works on many files.'),
});

/** Everything labelcast.yaml, the environment and the flags decide; frozen. */
export type Config = Readonly<z.output<typeof configSchema>>;
export { type KafkaConfig, toKafkaConfig } from './kafka-config.js';
export type SinkConfig = Readonly<z.output<typeof sinkSchema>>;
export type StreamConfig = Readonly<z.output<typeof stream>>;
