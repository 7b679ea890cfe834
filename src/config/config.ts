import { z } from 'zod';

const probability = z.number().gt(0).lt(1);
const milliseconds = z.int().min(0);

const thresholds = z
  .strictObject({ enter: probability.optional(), exit: probability.optional() })
  .refine((t) => t.enter === undefined || t.exit === undefined || t.exit < t.enter, {
    message: 'exit must be below enter',
    path: ['exit'],
  });

/** The whole of labelcast.yaml; every key has a default, unknown keys are refused. */
export const configSchema = z.strictObject({
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{1,80}$/, 'use 1-80 letters, digits, dots, dashes, underscores or tildes')
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
