import { z } from 'zod';

const milliseconds = z.int().min(0);
const place = { streamId: z.string(), sourceUri: z.string() };

/** What is used of the data of an event of a label. */
export const foundLabelSchema = z.object({
  ...place,
  epoch: z.string(),
  segmentId: z.string(),
  label: z.string().min(1),
  phase: z.enum(['started', 'updated', 'ended']),
  startMs: milliseconds,
  endMs: milliseconds.nullable(),
  confirmedMs: milliseconds,
});

const states = ['connecting', 'online', 'gap', 'offline', 'ended', 'failed', 'lost'] as const;

/** What is used of the data of an event of a stream. */
export const foundStateSchema = z.discriminatedUnion('state', [
  z.object({ ...place, epoch: z.string(), state: z.literal('completed'), durationMs: milliseconds }),
  z.object({ ...place, epoch: z.string().nullable(), state: z.enum(states) }),
]);

/** The data of an event, as far as a comparison uses it. */
export type FoundData = z.infer<typeof foundLabelSchema> | z.infer<typeof foundStateSchema>;
