import { z } from 'zod';
import { toJsonFault } from '../config/json-fault.js';
import { toLines, toWords } from '../config/problem-words.js';
import { ConfigError } from '../errors.js';

const probability = z.number().gt(0).lt(1);
const milliseconds = z.int().min(0);
const EXIT_BELOW_ENTER = { message: 'exit must be below enter', path: ['exit'] };

const modelFile = z.strictObject({
  path: z
    .string()
    .regex(/^(?!.*\.\.)[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, 'must lie inside the package folder')
    .describe('Relative to the folder of the manifest.'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
});

/** Weights that an ONNX file keeps outside, under the names by which it asks for them. */
const weights = modelFile.extend({
  data: z.array(modelFile).min(1).optional().describe('Files beside it that hold weights of it.'),
});

const prelude = z
  .strictObject({
    input: z.string().min(1).describe('Name of its input: float32 in the layout, one picture or any number.'),
    output: z.string().min(1).describe('Name of the output that holds the scores: float32 [N, labels].'),
    layout: z.enum(['nchw', 'nhwc']),
    channels: z.enum(['rgb', 'bgr']).describe('Their order.'),
    scale: z.number().gt(0).describe('Pixel values, 0 to 255, are multiplied by it, before mean and std.'),
    mean: z.array(z.number()).length(3).describe('Subtracted, in the order of the channels.'),
    std: z.array(z.number().gt(0)).length(3).describe('Divided by, in the order of the channels.'),
    activation: z.enum(['none', 'sigmoid']).describe('What makes probabilities of the output.'),
  })
  .describe('Of a model that takes floats: how they are made of a frame. Without it the model takes frames.');

const input = z.strictObject({
  width: z.int().min(1).max(4096),
  height: z.int().min(1).max(4096),
  resize: z.enum(['letterbox', 'squash']),
  align: z.enum(['top-left', 'center']).describe('Where a letterboxed picture lies.'),
  pad: z.int().min(0).max(255).describe('Value of all channels outside a letterboxed picture.'),
  interpolation: z.enum(['bilinear', 'bicubic', 'area', 'lanczos']),
  matrix: z.enum(['auto', 'bt601', 'bt709']).describe('auto: the one the source states, else BT.601.'),
  range: z.enum(['full']),
});

const label = z
  .strictObject({
    name: z.string().min(1).max(80),
    enter: probability.optional(),
    exit: probability.optional(),
  })
  .refine((t) => t.enter === undefined || t.exit === undefined || t.exit < t.enter, EXIT_BELOW_ENTER);

const smoothing = z
  .strictObject({
    halfLifeMs: milliseconds,
    minOnMs: milliseconds,
    minOffMs: milliseconds,
    gapToleranceMs: milliseconds,
    enter: probability,
    exit: probability,
    temperature: z
      .number()
      .min(0.1)
      .max(10)
      .optional()
      .describe('Divides the log-odds of scores before anything else; absent: 1.'),
  })
  .refine((t) => t.exit < t.enter, EXIT_BELOW_ENTER);

const metric = z.strictObject({
  name: z.string().min(1),
  value: z.number(),
  set: z.string().min(1).describe('The pictures it was measured on.'),
  command: z.string().min(1).describe('What computes it again.'),
});

const manifest = z.strictObject({
  schema: z.literal(1),
  name: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'use 1-80 letters, digits, dots, dashes or underscores'),
  version: z.string().min(1).max(40),
  licence: z.string().min(1).describe('SPDX expression.'),
  files: z.strictObject({ fp32: weights, int8: modelFile.optional(), fp16: modelFile.optional() }),
  input,
  prelude: prelude.optional(),
  labels: z
    .array(label)
    .min(1)
    .max(10_000)
    .refine((labels) => new Set(labels.map(({ name }) => name)).size === labels.length, 'names must differ')
    .describe('In the order of the scores.'),
  fps: z.number().gt(0).max(120).describe('Frames scored per second unless told otherwise.'),
  smoothing,
  trainedOn: z.string().min(1),
  metrics: z.array(metric),
});

/** manifest.json of a model package, schema 1; unknown keys are refused. */
export const manifestSchema = manifest.superRefine(({ labels, smoothing: shared }, context) => {
  for (const [n, { name, enter, exit }] of labels.entries()) {
    const key = enter === undefined ? 'exit' : 'enter';
    const isOne = (enter === undefined) !== (exit === undefined); // both, or neither, are judged where they stand
    const [from, to] = [enter ?? shared.enter, exit ?? shared.exit];
    if (!isOne || to < from) continue;
    const message = `with the rest of smoothing ${name} would begin at ${from} and end at ${to}; exit must be below enter`;
    context.addIssue({ code: 'custom', path: ['labels', n, key], message });
  }
});

/** What a model package says of itself. */
export type Manifest = Readonly<z.output<typeof manifestSchema>>;

/** How floats are made of a frame, and probabilities of what a model gives. */
export type Prelude = Readonly<z.output<typeof prelude>>;

const REMEDY =
  'correct the manifest (docs/own-model.md shows one), or use the package as its maker shipped it';

/** Reads the text of a manifest. Throws ConfigError that lists every problem with its path. */
export function readManifest(text: string, file: string): Manifest {
  const bare = text.replace(/^\uFEFF/, ''); // of editors on Windows
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch (cause) {
    throw new ConfigError(`${file} is not JSON`, [toJsonFault(bare)], { remedy: REMEDY, cause });
  }
  const result = manifestSchema.safeParse(value, { error: toWords });
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => toLines(issue, manifestSchema));
  throw new ConfigError(`${file} does not describe a model`, issues, { remedy: REMEDY });
}
