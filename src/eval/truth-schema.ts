import { z } from 'zod';

const milliseconds = z.int().min(0).describe('Media time from the start of the clip.');

const truthSegment = z
  .object({ label: z.string().min(1).max(80), startMs: milliseconds, endMs: milliseconds })
  .describe('The label holds from startMs to endMs, which is exclusive.');

/** A truth file in JSON, as docs/schema/truth.v1.json describes it. */
export const truthSchema = z.strictObject({
  clip: z.string().min(1).optional().describe('Name of the clip, for people.'),
  fps: z.number().gt(0).max(1000).optional().describe('Frames of the clip a second, for people.'),
  durationMs: milliseconds
    .nullable()
    .default(null)
    .describe(
      'How far the truth goes; what comes later is not judged. Absent or null: to the end of the clip.',
    ),
  labels: z
    .array(z.string().min(1).max(80))
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'The labels that are judged. Absent or null: all that the model has, or that the segments name.',
    ),
  segments: z.array(truthSegment).describe('When which label is to be seen; in any order.'),
  optional: z
    .array(truthSegment)
    .default([])
    .describe('Time in which a label is neither right nor wrong: it is cut out before anything is counted.'),
  about: z.record(z.string(), z.unknown()).optional().describe('Anything of your own; not read.'),
});

/** JSON Schema (2020-12) of a truth file, for editors and other programs. */
export function toTruthJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(truthSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // zod's way to say any whole number
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return {
    $schema,
    $id: 'https://labelcast.io/schema/truth.v1.json',
    title: 'A truth file of labelcast eval',
    description: 'What is to be seen in a clip, and when.',
    ...rest,
  };
}
